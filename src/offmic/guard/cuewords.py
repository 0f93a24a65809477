"""The words that name secrets, and those that tell them from what is harmless; only tables."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from offmic.guard.fold import fold_text
from offmic.guard.spoken import READINGS, TIMES, words
from offmic.secrets.secret import Kind


class Slot(StrEnum):
    """What sort of value follows a cue."""

    NUMBER = "number"
    WORDS = "words"
    KEY = "key"


# What each cue noun stands for. One that needs a qualifier ("verification code") has it in _NEEDS.
_NAMED: Final[dict[str, tuple[Slot, Kind]]] = {
    **dict.fromkeys(
        ("password", "passwort", "passwrd", "pswd", "pwd", "passwd", "passphrase", "passcode",
         "psswd", "passwords", "passkey", "passward", "passworld", "passwors", "passwrod",
         "pasword", "passwod", "passord", "paswrd", "kennwort", "wachtwoord", "contraseña",
         "contrasena", "senha", "hasło", "lösenord", "пароль", "şifre", "sifre", "salasana"),
        (Slot.WORDS, Kind.PASSWORD)),
    **dict.fromkeys(("code", "codes", "coce", "pincode", "verifycode", "verificationcode",
                     "authcode", "keycode", "verifizierungscode", "puk", "код", "código",
                     "codigo", "codice", "kod", "kodu"), (Slot.NUMBER, Kind.OTP)),
    **dict.fromkeys(("pin", "pins"), (Slot.NUMBER, Kind.CODE)),
    **dict.fromkeys(("otp", "otps", "totp", "mfa", "2fa"), (Slot.NUMBER, Kind.OTP)),
    **dict.fromkeys(("combination", "combo", "cvv", "cvc", "cvv2"), (Slot.NUMBER, Kind.CODE)),
    **dict.fromkeys(("card", "cards", "credit", "debit", "visa", "mastercard", "amex", "cc"),
                    (Slot.NUMBER, Kind.CARD)),
    **dict.fromkeys(("account", "accounts", "acct", "acc", "routing", "ac"),
                    (Slot.NUMBER, Kind.ACCOUNT)),
    **dict.fromkeys(("ssn", "ssns", "social"), (Slot.NUMBER, Kind.SSN)),
    **dict.fromkeys(("passport", "licence", "license", "nino", "pesel", "tckn", "nric", "nif",
                     "nie", "aadhaar", "aadhar", "kimlik", "tfn", "nhs", "medicaid", "cpf", "pnr",
                     "personnummer", "medicare", "curp", "rsa", "nin", "dni", "itin", "ein",
                     "sin", "utr", "cpr", "rut", "bsn", "burgerservicenummer", "fødselsnummer",
                     "fodselsnummer", "tnin", "rrn", "frn", "npi", "kvnr", "rvnr", "insee", "ahv",
                     "cnp", "fiscale", "steuernummer", "steueridentifikationsnummer",
                     "sozialversicherungsnummer", "rentenversicherungsnummer", "reisepass",
                     "personalausweis", "ausweis", "pasaporte", "passeport", "passaporto", "cedula",
                     "dvla", "permit", "hkid"),
                    (Slot.NUMBER, Kind.GOV_ID)),
    **dict.fromkeys(("token", "tokens", "secret", "secrets", "apikey", "bearer", "credential",
                     "credentials", "privatekey", "querykey"), (Slot.KEY, Kind.API_KEY)),
    "iban": (Slot.KEY, Kind.IBAN),
    "key": (Slot.KEY, Kind.API_KEY),
    "access": (Slot.KEY, Kind.API_KEY),
}  # fmt: skip
# Look-alikes differ between small letters and capitals.
NOUNS: Final = {
    fold_text(form).lower(): noun
    for word, noun in _NAMED.items()
    for form in (word, word.capitalize(), word.upper())
}
# A code, key or word of this sort is no secret.
HARMLESS: Final = words(
    "zip postal post area country dress promo promotional discount coupon error status source"
    " product bar qr booking reference color colour currency airport dial dialing tracking order"
    " item voucher morse binary genetic tax exit response hs html python java building fire"
    " sort purchase gift business sim loyalty membership report score credit-score graphics video"
)
PHRASES: Final = {("magic", "word"), ("pass", "word"), ("pass", "phrase"), ("code", "word"),
                   ("safe", "word"), ("secret", "word"), ("pass", "code"), ("memorable", "word"),
                   ("security", "answer"), ("security", "question")}  # fmt: skip
# Names that hold a harmless word, or a word that means something else by itself.
NAMES: Final = {
    ("sort", "code"): (Slot.NUMBER, Kind.ACCOUNT),
    ("taxpayer", "reference"): (Slot.NUMBER, Kind.GOV_ID),
    ("travel", "document"): (Slot.NUMBER, Kind.GOV_ID),
    ("ni", "number"): (Slot.NUMBER, Kind.GOV_ID),
    **dict.fromkeys(
        ((word, "card") for word in ("identity", "id", "pan", "aadhaar", "voter", "medicare",
                                     "insurance", "health", "residence", "citizen", "green")),
        (Slot.NUMBER, Kind.GOV_ID)),
}  # fmt: skip
# Short for a personal number where they stand in capitals; words of their own where they do not.
CAPITALS: Final = words("PAN TIN FIN NAS NIR NIN IRD TRN DL")
# Parts of words in scripts without spaces.
_SCRIPTS: Final = {
    **dict.fromkeys(("验证码", "驗證碼", "確認コード", "認証コード", "인증번호", "인증 번호"),
                    (Slot.NUMBER, Kind.OTP)),
    **dict.fromkeys(("パスワード", "密码", "密碼", "비밀번호"), (Slot.WORDS, Kind.PASSWORD)),
}  # fmt: skip
PARTS: Final = {fold_text(part).lower(): noun for part, noun in _SCRIPTS.items()}
SEEDS: Final = {("seed", "phrase"), ("recovery", "phrase"), ("mnemonic", "phrase"),
                 ("seed", "words"), ("recovery", "words")}  # fmt: skip
NO_LABEL: Final = words(
    "the a an my your our his her their its this that is are was and or of for to with on in at by"
    " it be new i you we he she they me us please here sure yes ok so as which what when use enter"
    " name not no if can will as one's am need change forgot last from via then but because does"
)
# Codes that open something and stay the same; other codes are sent once.
FIXED: Final = words(
    "door gate alarm lock safe entry garage building house lobby elevator pin keypad lockbox unlock"
    " room parking pool gym bike storage locker entrance voicemail parcel shed panel combination"
)
# "National identity number", "tax ID": a person's number by what stands in the three words before.
NUMBERED: Final = words("number no id code identifier")
PERSONAL: Final = words(
    "national personal resident citizen identity identification insurance tax taxpayer fiscal birth"
    " voter pension health steuer nino ni african thai korean chinese german french spanish italian"
    " swedish danish norwegian finnish belgian dutch polish turkish indian mexican brazilian"
    " chilean japanese swiss austrian irish"
)
BUSINESS: Final = words("sales business company policy claim phone rate")
CHANGES: Final = words("changed updated reset switched")
CHANGING: Final = CHANGES | words("change changing set update updating resetting put switch")
SHOWS: Final = words(
    "up down out through listed saved registered recorded stored shows showing showed"
)
PLACES: Final = words("on in for of to from")
NETWORKS: Final = words("wifi fi network router wlan wpa hotspot")
OTHER_CARDS: Final = words("sim gift business id menu score library loyalty boarding graphics")
ENDS: Final = (
    "SECRET", "TOKEN", "KEY", "PRIVATE", "ACCESS", "Token", "Secret", "Key", "Password", "PASSWORD",
    "PWD",
)  # fmt: skip
# "User mara, pass …": short for a password where a user's name goes before.
PASSES: Final = words("pass pw")
USERS: Final = words("user username login userid")
ANAPHORS: Final = words("it that this")
YES: Final = words("sure yes yeah yep okay ok right so well alright")
COPULAS: Final = words("is was be are equals becomes remains reads says been set called ist es est")
POINTS: Final = words("to as")
INTERESTING: Final = (
    frozenset(NOUNS) | frozenset(w for p in (*PHRASES, *SEEDS, *NAMES) for w in p) | COPULAS
    | frozenset(READINGS) | frozenset(TIMES) | NUMBERED | CHANGES | POINTS
    | frozenset(word.lower() for word in CAPITALS) | {"private"} | PASSES | USERS
)  # fmt: skip
PASSWORD_NOUNS: Final = frozenset(w for w, (slot, _) in NOUNS.items() if slot is Slot.WORDS)
"""Words that alone name what may be of several words."""
LINKS: Final = (
    COPULAS | CHANGES | POINTS | ANAPHORS | YES | {"s"} | frozenset(READINGS) | frozenset(TIMES)
) - frozenset(NOUNS)
"""Words that only say something about a cue that came before them."""
TELLING: Final = INTERESTING - LINKS
"""Words that may be cues, alone or with the words before them; no other word in lower case is."""
LOWER_ENDS: Final = ("key", "token", "secret")
NO_KEYS: Final = words("monkey turkey hockey whiskey donkey jockey lackey mickey")
