"""Translation of all that people read. Catalogues are in `bot/locale`.

To add a language, see bot/locale/README.md.
"""
