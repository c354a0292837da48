for (const head of document.querySelectorAll('thead th')) {
  head.tabIndex = 0
  head.style.cursor = 'pointer'
  const sort = () => {
    const column = head.cellIndex, body = head.closest('table').tBodies[0]
    const down = head.getAttribute('aria-sort') !== 'descending'
    for (const other of head.parentNode.cells) other.removeAttribute('aria-sort')
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending')
    const text = row => row.cells[column].textContent.trim()
    const order = (a, b) => parseFloat(a) - parseFloat(b) || a.localeCompare(b, undefined, { numeric: true })
    const rows = [...body.rows].sort((a, b) => order(text(a), text(b)))
    body.append(...(down ? rows.reverse() : rows))
  }
  head.addEventListener('click', sort)
  head.addEventListener('keydown', event => { if (event.key === 'Enter') sort() })
}
