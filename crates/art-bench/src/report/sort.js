// Tables sort by the column whose head is chosen; without scripts they stay in the order that they have.
for (const head of document.querySelectorAll("table.sortable thead th")) {
  const number = (row) => {
    const text = row.cells[head.cellIndex].textContent;
    const value = parseFloat(text.replace("\u2212", "-").replace(/[<,\u2248\s]/g, ""));
    return Number.isNaN(value) ? null : value;
  };
  const sort = () => {
    const table = head.closest("table");
    const down = head.getAttribute("aria-sort") !== "descending";
    const rows = [...table.tBodies[0].rows];
    const text = (row) => row.cells[head.cellIndex].textContent;
    const isOfNumbers = rows.some((row) => number(row) !== null);
    rows.sort((a, b) => {
      if (!isOfNumbers) return (down ? 1 : -1) * text(a).localeCompare(text(b));
      const [x, y] = [number(a), number(b)];
      // What has no number stays last.
      if (x === null || y === null) return (x === null) - (y === null);
      return down ? y - x : x - y;
    });
    table.tBodies[0].append(...rows);
    for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  };
  head.tabIndex = 0;
  head.addEventListener("click", sort);
  head.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    sort();
  });
}
