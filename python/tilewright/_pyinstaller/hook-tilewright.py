"""Executed by PyInstaller when a game imports tilewright. PyInstaller reads `datas`."""

from tilewright._pyinstaller import data_files

datas = data_files()
