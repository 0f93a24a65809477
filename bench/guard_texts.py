"""Texts on which the guard's speed is measured; none of them holds a secret."""

from __future__ import annotations

import json
import os
from pathlib import Path

SENTENCES = (
    "Good morning, thank you for calling, how can I help you today?",
    "Let me see what I can find for you, one moment please.",
    "I would be happy to help you with that, is there anything else?",
    "The restaurant on the corner has a lovely view over the river.",
    "Your room is ready, and breakfast is served until ten in the morning.",
    "Please hold the line while I look that up for you.",
    "There is a bus to the airport every half hour from the main station.",
    "I am sorry to hear that, let me talk to my colleague about it.",
    "You will find the gym next to the pool, on the other side of the garden.",
    "We look forward to seeing you again soon, have a great day!",
)
TURNS = (
    (
        "Of course, I can help you with that. Your room is on the second floor, just past the"
        " elevator on the left, and the windows look out over the garden. If you would like a"
        " quieter one, I can ask the night manager whether anything on the other side of the "
        "building is free."
    ),
    (
        "Breakfast is served in the conservatory from seven until half past ten, and a little"
        " longer on weekends. We bake our own bread, there is always something hot, and if "
        "you tell us the day before we will gladly prepare something without gluten or dairy "
        "for you."
    ),
    (
        "The easiest way into town is the tram that stops right in front of the house. It "
        "leaves every ten minutes, takes about a quarter of an hour to the old market square,"
        " and you can buy a ticket from the driver. A taxi would cost you around 20 euros at "
        "this time of day."
    ),
    (
        "I am really sorry about the noise last night. There was a wedding in the ballroom, "
        "and the band played longer than we had agreed with them. I have spoken to my "
        "colleagues, and we would like to invite you to dinner tonight, or move you to "
        "another floor, whichever you prefer."
    ),
    (
        "Yes, we do have a small gym and a sauna, both in the basement. They are open all "
        "day, towels are waiting for you down there, and the pool outside is heated from May "
        "to September. Please bring your own slippers, because the tiles can be rather "
        "slippery."
    ),
    (
        "Your shirts will be back tomorrow afternoon. The laundry picks everything up at nine"
        " in the morning, so whatever you hang on your door tonight goes with it. If you need"
        " something sooner than that, housekeeping has an iron and a board that they can "
        "bring up to you."
    ),
    (
        "That museum is closed on Mondays, I am afraid, but the gallery across the street is "
        "open, and it shows the same painters at the moment. If the weather holds, many of "
        "our guests walk along the river to the lighthouse instead, which takes about 2 hours"
        " there and back."
    ),
    (
        "Thank you for telling me. I have written it down for the morning team, and somebody "
        "will call you back before noon. Is there anything else that I can do for you today, "
        "or shall I simply wish you a pleasant evening and a good trip home?"
    ),
)


def clean_rows() -> tuple[str, ...]:
    """Return the clean rows of the folders that OFFMIC_CORPUS names; none without it."""
    folders = [f for f in os.environ.get("OFFMIC_CORPUS", "").split(os.pathsep) if f]
    return tuple(
        str(json.loads(line)["text"])
        for folder in folders
        for line in (Path(folder) / "clean.jsonl").read_text().splitlines()
    )


def sets() -> dict[str, tuple[str, ...]]:
    """Return the texts by what they are."""
    found = {"sentences": SENTENCES, "turns": TURNS, "clean rows": clean_rows()}
    return {name: texts for name, texts in found.items() if texts}
