"""Slips of the fingers: the words that somebody may have meant with one that is nowhere. Pure."""

SHORTEST, LONGEST = 4, 24
"""Letters of a word that is corrected."""
_ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        "abcdefghijklmnopqrstuvwxyz",
        "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґў",
        "αβγδεζηθικλμνξοπρστυφχψω",
        "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويءىةگپچژک",
        "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    )
)


def slips(word: str) -> list[str]:
    """The words that differ from a folded word by one slip, the likeliest kinds of it first.

    Two letters changed places, one is too much, one is missing, another was hit. None where the word is short, holds
    digits or signs, or is of a script that is not written letter by letter.
    """
    alphabet = next((letters for letters in _ALPHABETS if letters.issuperset(word)), None)
    if alphabet is None or not SHORTEST <= len(word) <= LONGEST:
        return []
    letters = sorted(alphabet)
    places = range(len(word))
    swapped = [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]]
    shorter = [word[:at] + word[at + 1 :] for at in places]
    longer = [word[:at] + letter + word[at:] for at in range(len(word) + 1) for letter in letters]
    other = [word[:at] + letter + word[at + 1 :] for at in places for letter in letters]
    return [each for each in dict.fromkeys(swapped + shorter + longer + other) if each != word]
