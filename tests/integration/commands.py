"""The commands of kwikgate and their options, as its help tells them."""

import dataclasses
import functools
import re

from support import run_kwikgate


@dataclasses.dataclass
class Command:
    help: str
    options: dict      # "--name": whether it takes a value
    required: set      # of the options
    positionals: list  # whether each is required
    commands: list     # below it


def rows(text, heading):
    """(name column, whole description) of each row of a section of the help."""
    found = re.search(rf"^{heading}:\n((?:  .*\n)+)", text, re.MULTILINE)
    entries = []
    for line in found.group(1).splitlines() if found else []:
        if line.startswith("   "):
            entries[-1][1] += " " + line.strip()
        else:
            name, _, description = line.strip().partition("  ")
            entries.append([name, description.strip()])
    return entries


@functools.cache
def command(*path):
    done = run_kwikgate(*path, "--help")
    assert done.returncode == 0, (path, done.stderr)
    options, required = {}, set()
    for name, description in rows(done.stdout, "Options"):
        names, _, value = name.partition(" ")
        for spelling in names.split(","):
            options[spelling] = bool(value)
        if "(required)" in description:
            required.add(frozenset(names.split(",")))
    positionals = ["(required)" in description for _, description in rows(done.stdout, "Positionals")]
    return Command(done.stdout, options, required, positionals, [name for name, _ in rows(done.stdout, "Commands")])


def every_command(*path):
    """The path of each, from the top."""
    yield path
    for name in command(*path).commands:
        yield from every_command(*path, name)


def complaints(words, is_whole=True):
    """What is wrong with the arguments of a kwikgate command. One that is not whole may lack arguments."""
    path = ()
    words = list(words)
    while words and command(*path).commands and not words[0].startswith("-"):
        if words[0] not in command(*path).commands:
            return [f"there is no command {words[0]}"]
        path += (words.pop(0),)
    known, given, positionals, found = command(*path), set(), 0, []
    while words:
        word, has_value, _ = words.pop(0).partition("=")
        if not word.startswith("-") or word == "-":
            positionals += 1
        elif word not in known.options:
            found.append(f"{' '.join(path)} has no {word}")
        else:
            given.add(word)
            if known.options[word] and not has_value and not (words and words.pop(0)) and is_whole:
                found.append(f"{word} lacks its value")
    if positionals > len(known.positionals):
        found.append(f"{positionals} arguments beside the options of {' '.join(path)}")
    if is_whole and "--help" not in given and "--version" not in given:
        if known.commands:
            found.append(f"{' '.join(path)} lacks a command")
        if positionals < sum(known.positionals):
            found.append(f"{' '.join(path)} lacks an argument")
        found += [f"{' '.join(path)} lacks {'/'.join(names)}" for names in known.required if not names & given]
        if {"--store", "--config"} <= known.options.keys() and not given & {"--store", "-s", "--config", "-c"}:
            found.append(f"{' '.join(path)} lacks --store or --config")
    return found
