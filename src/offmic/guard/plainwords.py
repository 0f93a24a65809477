"""Everyday words that follow "password" or "code" and are no secret themselves; only tables."""

from __future__ import annotations

import re
from typing import Final

from offmic.guard.spoken import words

# After "your password is": what says something about it.
PREDICATES: Final = words(
    """required needed necessary mandatory optional case sensitive correct incorrect wrong invalid
    click tap please
    valid not no too very still already always never expired expiring weak strong stronger secure
    insecure stored saved kept encrypted hashed sent being going getting missing blocked locked
    unlocked different same changed reset resetting important safe private secret hidden displayed
    shown visible available ready printed written there here long short longer shorter simple
    complex used unique made created generated accepted rejected empty blank unchanged updated
    protected compromised leaked stolen lost forgotten known unknown shared easy hard difficult
    usually probably currently working broken active inactive about at on in inside under behind
    from by with without between what who where why how which when whether if because like also
    only really quite exactly almost completely fully properly the a an your my our his her their
    this that these those it its something anything nothing everything none one's yours mine up
    down off out over case-sensitive good bad fine ok okay great new old temporary permanent
    default set being likely possible impossible time-limited confidential personal sensitive
    supposed meant due allowed able unable sure based found located listed managed entered typed
    asked requested provided given issued received delivered emailed texted mailed verified
    confirmed recognized recognised matching mismatched identical equal least more less most
    maximum minimum better best worse worst part and or but so for to of as per via all both each
    every any some sometimes often rarely""".replace("\n", " ")
)
# What ordinary sentences say next to such a noun, where no "is" stands between.
COMMON: Final = PREDICATES | words(
    """i you he she we they me him us them who's is was are were be been am do does did done have
    has had will would shall should can could may might must need needs want wants try tries use
    uses using get gets got give gives take takes make makes go goes come comes keep keeps let lets
    see sees look looks find finds know knows think thinks tell tells ask asks say says call calls
    send sends show shows help helps work works change changes enter enters type types reset resets
    recover recovers recovery forget forgets forgot remember remembers update updates expire expires
    manager managers field fields box page screen prompt policy policies requirement requirements
    protection protected strength length hint hints question questions reminder form list file
    files rule rules security verification authentication login log sign account accounts email
    mail phone number numbers letter letters digit digits character characters code codes link
    button option options issue issues problem problems error errors attempt attempts request
    requests generator vault prompt input app application website site service services system
    please thanks thank now then today tomorrow yesterday again before after until since once twice
    later soon immediately first last next when while during here there into onto through against
    yes yeah no nope hello hi hey sorry well right then than just even maybe perhaps instead back
    away together too either neither however therefore otherwise although though unless until
    bank card cards pin pins atm machine money number branch online mobile wifi network router
    user users username name id access key keys token tokens string strings data information
    details info credentials storage box section area settings menu tab word words phrase phrases
    step steps process procedure instructions support team desk customer agent assistant person
    appears contains opens fails belongs begins starts ends protects matches locks lets means
    everybody anybody somebody people someone anyone everyone nobody
    press cost costs mismatch match doesn don didn isn wasn won couldn
    wouldn shouldn aren haven hasn t s re ve ll d m because so and or but for to of as at by with
    from on in it's that's what's there's without within about above below across around""".replace(
        "\n", " "
    )
)
# What else is said in shops, banks and hotels: beginnings that need no holding back.
EVERYDAY: Final = words(
    """address confirmation order dollars street plan hotel booking book model purchase flight time
    claim rating price seat meeting year restaurant large thanks contact reservation reference
    tickets place food internet insurance lease cheap days else date town train savings stay confirm
    checking range dates check hotels called expenses wait charged month shopping point transfer
    appointment police station adults pounds hours interested nights looking night trip minutes
    ticket seconds prefer arrive company bacon items actually bridge city credit limit leaving
    definitely report spent past weeks close calendar exchange serve remind news attraction plus
    delete proceed happy nice cancel morning turn read parking current central roast coffee
    transaction times business years includes specific moment world office premium boarding pass
    drinks main meal choose connection class mistake kindly hall gateway software solution units
    drive travel completes standing clean path quick question welcome great wonderful perfect
    afternoon evening glad happen course anyway pleasure further details total balance weather
    minute certainly absolutely available additional availability apologize assistance customer
    delivery department description different difference directly everything experience following
    including location manager menu necessary opening particular passenger payment pickup popular
    possible received recommend regarding schedule selected service several similar special
    suggest summer through traveling unfortunately understand upcoming usually visit website
    weekend window without working yours beautiful breakfast lunch dinner garden museum theatre
    centre center north south west east free entrance fee museum college cinema church swimming
    expensive moderate guesthouse star stars leave leaves departs arrives destination departure
    airport airline movie movies theater song playing artist album doctor dentist therapist salon
    view river corner lovely view served colleague gym pool side forward seeing soon hold line
    bus half hour main ready room rooms people person anything today tomorrow tonight""".replace(
        "\n", " "
    )
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
# What English words do not have: letters that never meet, or too many of a sort in a row.
_ODD: Final = re.compile(
    r"[^aeiouy]{4}|[aeiou]{4}|q(?!u)|[jqvxz][^aeiouy]|[bcdfgkmpt]{3}|(.)\1\1|[hjkqvwxyz]{2}|^[^aeiouy]+$"
)
_ENDINGS: Final = ("ing", "ation", "ations", "edly", "ably", "ments")


def is_inflected(word: str) -> bool:
    """Tell whether a word looks like a form of a verb or a noun made from one."""
    return len(word) > 5 and word.endswith(_ENDINGS)


def looks_everyday(run: str, *, solid: bool) -> bool:
    """Tell whether a run of a value may stand in any sentence: a word or a year.

    Args:
        run: letters and digits of the run, in lower case.
        solid: whether it was spelled, or came in several words.
    """
    if run.isdigit():
        return _YEAR.fullmatch(run) is not None
    return not solid and run.isalpha() and _ODD.search(run) is None
