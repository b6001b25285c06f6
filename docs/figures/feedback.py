"""Draws ART and break-even feedback beside each other from a report's own figures:
python3 docs/figures/feedback.py docs/results/beyond/report.html Glass docs/figures/feedback-glass.svg"""

import pathlib
import re
import sys

report, dataset, out = sys.argv[1:]
page = pathlib.Path(report).read_text()
start = page.index('id="distribution"')
figures = re.findall(r"<figure>(.*?)</figure>", page[start : page.index("</section>", start)], re.S)


def find(method):
    for figure in figures:
        caption = re.search(r"<figcaption>(.*?)<", figure, re.S).group(1)
        if re.match(rf"{dataset}: {method}, \d+ runs", caption):
            drawings = re.findall(r"<svg.*?</svg>", figure, re.S)
            return drawings, re.findall(r'background:(#\w+)"></span>(.*?)</li>', figure)
    sys.exit(f"{report} has no figure of {method} on {dataset}")


font = 'font-family="sans-serif"'
parts = []
for column, method in enumerate(("ART", "Break-even feedback")):
    drawings, legend = find(method)
    parts.append(f'<text x="{column * 500 + 270}" y="20" text-anchor="middle" {font} font-size="16">{method}</text>')
    for row, drawing in enumerate(drawings):
        place = f'<svg x="{column * 500}" y="{30 + row * 310}" width="480" height="300" viewBox="0 0 480 300">'
        parts.append(re.sub(r"<svg [^>]*>", place, drawing, count=1))
x = 20
for color, name in legend:
    parts.append(f'<rect x="{x}" y="652" width="12" height="12" fill="{color}"/>')
    parts.append(f'<text x="{x + 17}" y="663" {font} font-size="13">{name}</text>')
    x += 30 + 8 * len(name)
pathlib.Path(out).write_text(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 990 680" role="img" '
    f'aria-label="class shares and F1 over training, {dataset}"><rect width="990" height="680" fill="white"/>'
    + "".join(parts) + "</svg>\n"
)
