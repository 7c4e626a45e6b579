"""screenshot.py PAGE OUT.png: the top of the report page and Table 3, for the README."""

import os
import sys
import tempfile

import browser

if __name__ == "__main__":
    page, out = sys.argv[1:3]
    if browser.find() is None:
        sys.exit("ERROR: no Chromium here; install the packages of tools/packages_ci.txt")
    out = os.path.join(os.environ.get("BUILD_WORKING_DIRECTORY", "."), out)
    with tempfile.TemporaryDirectory() as folder:
        chromium = browser.Browser(folder)
        try:
            tab = browser.Tab(chromium, width=1120, height=600)
            tab.open("file://" + os.path.abspath(page))
            tab.run("document.querySelector('#table-table3 .scroll').scrollIntoView()")
            tab.run("new Promise(r => requestAnimationFrame(() => setTimeout(r, 500)))")
            tab.save_picture(out)
        finally:
            chromium.close()
    print(out)
