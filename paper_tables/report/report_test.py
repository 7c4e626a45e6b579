"""report_test.py PAGE NUMBERS: the report page in a headless Chromium.

NUMBERS is the all.csv that the page shows. Pictures for people to look at go to
the test's undeclared outputs. Without a browser it says so and passes.
"""

import collections
import csv
import os
import sys
import tempfile

import browser

# Of text that is shown: the least contrast with what is behind it.
CONTRAST = """(() => {
  const luminance = c => { const f = c.map(v => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const parse = text => (text.match(/[0-9.]+/g) || []).map(Number);
  let least = [99, ''], count = 0;
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('svg, script, style, .sr, dialog:not([open])')) continue;
    if (![...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    const ink = parse(getComputedStyle(element).color);
    let ground = [255, 255, 255];
    for (let e = element; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) { ground = c.slice(0, 3); break; }
      if (c[3] > 0) return [0, 'half-transparent ground'];
    }
    const [a, b] = [luminance(ink.slice(0, 3)) + 0.05, luminance(ground) + 0.05];
    const contrast = Math.max(a, b) / Math.min(a, b);
    ++count;
    if (contrast < least[0]) least = [contrast, element.outerHTML.slice(0, 120)];
  }
  return [...least, count];
})()"""


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def expected_cells(numbers):
    """Cells by table: rows whose setting is at most one key=value."""
    cells = collections.Counter()
    with open(numbers, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["table"] != "claims":
                cells[row["table"]] += row["setting"].count("=") <= 1
    return cells


def check_tables(tab, numbers):
    shown = tab.run("""[...document.querySelectorAll('table.numbers')].map(t =>
        [t.dataset.table, +t.dataset.lines, t.tBodies[0].rows.length,
         t.querySelectorAll('button[data-row]').length])""")
    cells = collections.Counter()
    for table, lines, rows, buttons in shown:
        check(lines == rows > 0, "table %s has %d rows, not %d" % (table, rows, lines))
        cells[table] += buttons
    check(cells == expected_cells(numbers),
          "cells %s, all.csv has %s" % (cells, expected_cells(numbers)))
    for lines, rows, name in tab.run("""
        [...document.querySelectorAll('table.printed, table.claims, table.counts')].map(t =>
        [+t.dataset.lines, [...t.querySelectorAll('tbody tr')].filter(
            r => !r.classList.contains('title')).length, t.caption.textContent])"""):
        check(lines == rows > 0, "%s: %d rows, not %d" % (name, rows, lines))
    check(tab.run("[...document.querySelectorAll('table')].every(t => t.caption && "
                  "t.querySelector('th[scope=col]'))"), "a table without caption or scope")
    return len(shown), sum(cells.values())


def check_origin(tab):
    # By keyboard: a cell of the selected runs, its origin, and back.
    tab.run("""(() => { const b = [...document.querySelectorAll(
        'table.numbers[data-table=table3] button')][0]; b.scrollIntoView({ block: 'center' });
        b.focus(); })()""")
    tab.key("Enter")
    text = tab.run("document.querySelector('dialog[open]').textContent")
    for word in ("reproduced", "published", "verdict", "target", "./bazelw build //",
                 "seed ", "converged", "exploded", "learning rate", "digest", "selection",
                 "Spec", "grid point"):
        check(word in text, "the origin lacks \"%s\": %s" % (word, text[:500]))
    check(tab.run("!!document.querySelector('dialog svg.chart path.line')"),
          "the origin has no curve")
    check("number=table3/" in tab.run("location.hash"), "the hash does not name the cell")
    tab.save_picture(os.path.join(OUT, "origin.png"))
    address = tab.run("location.href")
    tab.key("Escape")
    check(tab.run("!document.querySelector('dialog[open]')"), "Escape does not close")
    check(tab.run("!!document.activeElement.dataset.row"), "the focus does not return")
    return address, text


def check_explorer(tab):
    check(tab.run("document.querySelectorAll('#charts svg.chart').length") >= 1,
          "nothing to explore")
    box = tab.run("""(() => { const c = document.querySelector('#charts svg.chart');
        c.scrollIntoView({ block: 'center' });
        const b = c.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()""")
    tab.mouse("mouseMoved", box[0] + box[2] / 2, box[1] + box[3] / 2)
    hovered = tab.run("document.querySelector('#value').textContent")
    check(" = " in hovered and " at epoch " in hovered, "hover shows: " + hovered)
    tab.run("document.querySelector('#charts svg.chart').focus()")
    seen = [tab.run("document.querySelector('#value').textContent")]
    for key in ("ArrowLeft", "ArrowDown", "ArrowLeft", "ArrowUp"):
        tab.key(key)
        seen.append(tab.run("document.querySelector('#value').textContent"))
    check(len(set(seen)) >= 3, "the arrow keys show: %s" % seen)


def check_hash(tab, url):
    tab.open(url)
    tab.run("""(() => {
      document.querySelector('#filters input[value=MATCH]').click();
      document.querySelector('#explorer input[value=SGD]').click();
      const s = document.querySelector('#explorer select[name=xs]');
      s.value = 'learning_rate'; s.dispatchEvent(new Event('change', { bubbles: true }));
    })()""")
    state = """JSON.stringify([document.querySelector('#shown').textContent,
        [...document.querySelectorAll('input, select')].map(i => i.checked + i.value),
        [...document.querySelectorAll('#charts svg.chart')].map(c => c.getAttribute('aria-label'))])"""
    before = tab.run(state)
    address = tab.run("location.href")
    tab.open(address)
    check(tab.run(state) == before, "the hash does not bring the state back: " + address)
    check("of" in tab.run("document.querySelector('#shown').textContent"), "no filter")
    tab.run("document.querySelector('#filters button[type=reset]').click();"
            "document.querySelector('#explorer button[type=reset]').click()")
    check(tab.run("location.hash") == "", "reset leaves a hash")
    check("All " in tab.run("document.querySelector('#shown').textContent"), "reset")


def run(page, numbers):
    url = "file://" + os.path.abspath(page)
    size = os.path.getsize(page)
    check(size < 5e6, "the page has %d bytes" % size)
    with tempfile.TemporaryDirectory() as folder:
        chromium = browser.Browser(folder)
        try:
            tab = browser.Tab(chromium)
            # What the page takes of a processor until it is ready, which other
            # work on the machine does not change.
            tab.call("Performance.enable", timeDomain="threadTicks")
            tab.open(url)
            taken = [m["value"] for m in tab.call("Performance.getMetrics")["metrics"]
                     if m["name"] == "TaskDuration"][0]
            check(taken < 1.0, "ready after %.2f s of work" % taken)
            tables, cells = check_tables(tab, numbers)
            address, text = check_origin(tab)
            check_explorer(tab)
            check_hash(tab, url)
            tab.open(address)
            check(tab.run("document.querySelector('dialog[open]').textContent") == text,
                  "the hash does not open the origin")
            ratios = []
            for dark in (False, True):
                for width in (1280, 390):
                    view = browser.Tab(chromium, width=width, dark=dark)
                    view.open(url)
                    wide = view.run("document.scrollingElement.scrollWidth")
                    check(wide <= width, "%d pixels at %d" % (wide, width))
                    least, where, count = view.run(CONTRAST)
                    check(count > 500 and least >= 4.5,
                          "contrast %.2f of %s (%d texts)" % (least, where, count))
                    ratios.append(least)
                    view.save_picture(os.path.join(OUT, "%s_%d.png" % (
                        "dark" if dark else "light", width)), whole=True)
            tab.open(url)
            pdf = os.path.join(OUT, "print.pdf")
            tab.save_pdf(pdf)
            check(os.path.getsize(pdf) > 50000, "nothing is printed")
            foreign = [u for u in tab.requests()
                       if not u.startswith(("file:", "data:", "blob:", "about:"))]
            check(not foreign, "asks for %s" % foreign)
            check(not tab.complaints(), "\n".join(tab.complaints()))
            print("PASS: %d tables of %d cells, ready after %.2f s of work, %d bytes, contrast "
                  "from %.2f, %s" % (tables, cells, taken, size, min(ratios),
                                     "no network" if chromium.isolated
                                     else "no request made"))
        finally:
            chromium.close()


if __name__ == "__main__":
    OUT = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR") or tempfile.mkdtemp()
    if browser.find() is None:
        print("SKIPPED: no Chromium here; tools/packages_ci.txt has what this test needs")
        sys.exit(0)
    run(*sys.argv[1:3])
