"""Looks at pages of the project in a browser: `python3 benches/pages/check.py PAGE.html...`.

At 1400 and at 400 px of width a page must not be wider than its window, every link inside it must lead to something that is
seen once it is followed (what is folded unfolds), ids must be unique, and no text of a drawing may lie outside the drawing.
Needs Chromium and nothing else beside Python; without a browser it says so and exits with 2. Faults are listed, exit code 1.
"""

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"]
WIDTHS = [1400, 400]
# A page of many cells takes its time.
SECONDS = 180

MEASURE = """
<script>
addEventListener("load", async () => {
  const faults = [];
  const name = (node) => node.id ? "#" + node.id : node.tagName + " " + (node.textContent || "").slice(0, 40);
  const wait = () => new Promise((done) => setTimeout(done, 0));
  const details = [...document.querySelectorAll("details")];
  const root = document.documentElement;
  const overflows = (when) => {
    if (root.scrollWidth > innerWidth) {
      const wide = [...document.querySelectorAll("main *, nav *")].filter((node) =>
        node.getBoundingClientRect().right > innerWidth + 1 && !node.closest(".scroll, figure, pre"));
      faults.push(`wider than the window ${when}: ${root.scrollWidth} > ${innerWidth}, ${wide.slice(0, 3).map(name).join("; ")}`);
    }
  };
  overflows("folded");
  const ids = new Map();
  for (const node of document.querySelectorAll("[id]")) ids.set(node.id, (ids.get(node.id) || 0) + 1);
  for (const [id, n] of ids) if (n > 1) faults.push(`the id ${id} is there ${n} times`);
  const links = new Set([...document.querySelectorAll('a[href^="#"]')].map((link) => link.getAttribute("href")));
  for (const link of links) {
    const target = document.getElementById(decodeURIComponent(link.slice(1)));
    if (!target) { faults.push(`${link} leads nowhere`); continue; }
    for (const fold of details) fold.open = false;
    location.hash = "";
    location.hash = link;
    await wait();
    const box = target.getBoundingClientRect();
    if (!target.checkVisibility() || box.width * box.height === 0) faults.push(`${link} leads to what is not seen`);
  }
  for (const fold of details) fold.open = true;
  await wait();
  overflows("unfolded");
  for (const text of document.querySelectorAll("svg text")) {
    const svg = text.closest("svg");
    const around = (svg.viewBox.baseVal && svg.viewBox.baseVal.width ? svg : svg.closest("table") || svg).getBoundingClientRect();
    const box = text.getBoundingClientRect();
    if (box.width === 0) continue;
    const out = Math.max(around.left - box.left, box.right - around.right, around.top - box.top, box.bottom - around.bottom);
    if (out > 1) faults.push(`"${text.textContent}" is ${out.toFixed(0)} px outside ${svg.getAttribute("aria-label") || "its drawing"}`);
  }
  parent.postMessage({width: innerWidth, links: links.size, faults}, "*");
});
</script>
"""


# A window has a least width; a frame has none.
FRAME = """<!DOCTYPE html><iframe src="page.html" style="width:{width}px;height:900px;border:0"></iframe>
<script>
addEventListener("message", (message) => {{
  const result = document.createElement("pre");
  result.id = "measured";
  result.textContent = JSON.stringify(message.data);
  document.body.replaceChildren(result);
}});
</script>
"""


def browser():
    found = (shutil.which(name) for name in BROWSERS)
    return next((path for path in found if path), None)


def measured(program, page, width, folder):
    text = page.read_text(encoding="utf-8").replace("</body>", MEASURE + "</body>")
    (folder / "page.html").write_text(text, encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(width=width), encoding="utf-8")
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1500,1000",
               f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=60000", "--dump-dom", frame.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    found = re.search(r'<pre id="measured">(.*?)</pre>', run.stdout, re.DOTALL)
    if not found:
        return {"width": 0, "links": 0, "faults": ["the browser measured nothing"]}
    return json.loads(html.unescape(found[1]))


def main(pages):
    if not pages:
        print(__doc__)
        return 2
    program = browser()
    if not program:
        print("no browser is installed: one of " + ", ".join(BROWSERS), file=sys.stderr)
        return 2
    n_faults = 0
    for page in map(Path, pages):
        for width in WIDTHS:
            with tempfile.TemporaryDirectory() as folder:
                found = measured(program, page, width, Path(folder))
            if found["width"] != width:
                found["faults"].append(f"the window was {found['width']} px wide")
            print(f"{page} at {width} px: {found['links']} links, {len(found['faults'])} faults")
            for fault in found["faults"]:
                print("  " + fault)
            n_faults += len(found["faults"])
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
