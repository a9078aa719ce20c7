"""PyInstaller runs this file when a game imports tilewright, and reads `datas`."""

from tilewright._pyinstaller import data_files

datas = data_files()
