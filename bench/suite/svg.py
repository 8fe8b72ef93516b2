"""Plots that need nothing but a browser."""

import math

WIDTH, HEIGHT = 720, 380
COLOURS = ["#0b62a4", "#c0392b", "#27803b", "#8e44ad", "#d68910", "#555555"]


def _escape(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;")


def _frame(title, parts, height=HEIGHT):
    return (f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' "
            f"font-family='sans-serif' font-size='12'>\n<rect width='100%' height='100%' fill='white'/>\n"
            f"<text x='16' y='24' font-size='14'>{_escape(title)}</text>\n" + "\n".join(parts) + "\n</svg>\n")


def bars(title, rows, unit):
    """Horizontal bars: rows of (label, value, note), the first one marked."""
    largest = max(value for _, value, _ in rows) or 1
    parts = []
    for i, (label, value, note) in enumerate(rows):
        y = 44 + i * 26
        width = (WIDTH - 380) * value / largest
        parts.append(f"<text x='150' y='{y + 14}' text-anchor='end'>{_escape(label)}</text>"
                     f"<rect x='160' y='{y}' width='{width:.1f}' height='18' fill='{COLOURS[0 if i == 0 else 5]}'/>"
                     f"<text x='{168 + width:.1f}' y='{y + 14}'>{value:.2f} {_escape(unit)} {_escape(note)}</text>")
    return _frame(title, parts, 60 + 26 * len(rows))


def _ticks(low, high, is_log):
    if is_log:
        return [10 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    step = 10 ** math.floor(math.log10(max(high, 1e-9)))
    step = step / 5 if high / step < 2 else step / 2 if high / step < 5 else step
    return [step * i for i in range(int(high / step) + 2)]


def _label(tick):
    return f"{tick:,.0f}" if tick == int(tick) else f"{tick:,g}"


def lines(title, series, x_label, y_label, log_x=True, log_y=False):
    """Lines over a common axis: series of (name, [(x, y), ...])."""
    xs = [x for _, points in series for x, _ in points]
    ys = [y for _, points in series for _, y in points]
    x_ticks, y_ticks = _ticks(min(xs), max(xs), log_x), _ticks(min(ys) if log_y else 0, max(ys), log_y)
    left, right, top, bottom = 80, 44, 44, 56

    def share(value, ticks, is_log):
        low, high = ticks[0], ticks[-1]
        return math.log10(value / low) / math.log10(high / low) if is_log else (value - low) / (high - low)

    def at_x(x):
        return left + share(x, x_ticks, log_x) * (WIDTH - left - right)

    def at_y(y):
        return HEIGHT - bottom - share(y, y_ticks, log_y) * (HEIGHT - top - bottom)

    parts = []
    for tick in x_ticks:
        parts.append(f"<line x1='{at_x(tick):.1f}' x2='{at_x(tick):.1f}' y1='{top}' y2='{HEIGHT - bottom}' "
                     f"stroke='#ddd'/><text x='{at_x(tick):.1f}' y='{HEIGHT - bottom + 16}' "
                     f"text-anchor='middle'>{_label(tick)}</text>")
    for tick in y_ticks:
        parts.append(f"<line x1='{left}' x2='{WIDTH - right}' y1='{at_y(tick):.1f}' y2='{at_y(tick):.1f}' "
                     f"stroke='#ddd'/><text x='{left - 6}' y='{at_y(tick) + 4:.1f}' text-anchor='end'>{_label(tick)}</text>")
    for i, (name, points) in enumerate(series):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in points)
        parts.append(f"<polyline fill='none' stroke='{colour}' stroke-width='2' points='{path}'/>")
        parts += [f"<circle cx='{at_x(x):.1f}' cy='{at_y(y):.1f}' r='3' fill='{colour}'/>" for x, y in points]
        parts.append(f"<text x='{left + 10 + 150 * i}' y='{top - 4}' fill='{colour}'>{_escape(name)}</text>")
    parts.append(f"<text x='{(left + WIDTH - right) / 2}' y='{HEIGHT - 14}' text-anchor='middle'>{_escape(x_label)}</text>")
    parts.append(f"<text x='16' y='{HEIGHT / 2}' transform='rotate(-90 16 {HEIGHT / 2})' "
                 f"text-anchor='middle'>{_escape(y_label)}</text>")
    return _frame(title, parts)
