"""Lines over time as plain SVG: panels side by side under one title, a legend, shaded bands with names."""

import math
from html import escape

COLOURS = ("#2563eb", "#dc2626", "#0d9488", "#d97706", "#7c3aed")
PANEL_W, PANEL_H = 620, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 64, 40


def steps(top: float) -> list:
    """Round marks from 0 to at least `top`."""
    rough = top / 5 or 1
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    return [step * i for i in range(int(math.ceil(top / step)) + 1)]


def decades(low: float, high: float) -> list:
    return [10.0 ** power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 or value == 0 else f"{value:g}"


def draw(panels: list, title: str, *, log: bool = False, limit=None) -> str:
    """panels: [{title, bands: [(from, to, name)], lines: [(label, [(second, value or None), …])]}]; one scale for all."""
    values = [value for panel in panels for _, points in panel["lines"] for _, value in points if value is not None]
    values += [limit] if limit is not None else []
    high = max(values, default=1) or 1
    if log:
        low = max(0.01, min((value for value in values if value > 0), default=0.1))
        marks = decades(low, max(high, low * 10))
    else:
        marks = steps(high)
    width, height = PANEL_W * len(panels), PANEL_H + 20

    def y_of(value: float) -> float:
        if log:
            part = (math.log10(max(value, marks[0])) - math.log10(marks[0])) / (math.log10(marks[-1]) - math.log10(marks[0]))
        else:
            part = value / marks[-1]
        return PANEL_H - BOTTOM - part * (PANEL_H - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
           'font-family="system-ui, sans-serif" font-size="11">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>',
           f'<text x="{LEFT}" y="18" font-size="14" font-weight="600">{escape(title)}</text>']
    for number, panel in enumerate(panels):
        x0, span = number * PANEL_W + LEFT, PANEL_W - LEFT - RIGHT
        end = max((to for _, to, _ in panel["bands"]), default=1) or 1

        def x_of(second: float, x0=x0, span=span, end=end) -> float:
            return x0 + min(1.0, second / end) * span

        out.append(f'<text x="{x0}" y="36" font-weight="600">{escape(panel["title"])}</text>')
        for index, (begin, to, name) in enumerate(panel["bands"]):
            left, right = x_of(begin), x_of(to)
            out.append(f'<rect x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" height="{PANEL_H - TOP - BOTTOM}" '
                       f'fill="{"#f1f5f9" if index % 2 else "#fff"}"><title>{escape(name)}</title></rect>')
            out.append(f'<text x="{left + 9:.1f}" y="{TOP + 4}" fill="#64748b" font-size="9" '
                       f'transform="rotate(90 {left + 3:.1f} {TOP + 4})">{escape(name)}</text>')
        for mark in marks:
            y = y_of(mark)
            out.append(f'<line x1="{x0}" x2="{x0 + span}" y1="{y:.1f}" y2="{y:.1f}" stroke="#cbd5e1" stroke-width="0.6"/>')
            out.append(f'<text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#475569">{shown(mark)}</text>')
        if limit is not None:
            y = y_of(limit)
            out.append(f'<line x1="{x0}" x2="{x0 + span}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dc2626" stroke-dasharray="5 4"/>')
            out.append(f'<text x="{x0 + span}" y="{y - 4:.1f}" text-anchor="end" fill="#dc2626">promise {shown(limit)}</text>')
        for second in steps(end):
            if second <= end:
                out.append(f'<text x="{x_of(second):.1f}" y="{PANEL_H - BOTTOM + 16}" text-anchor="middle" fill="#475569">'
                           f'{shown(second)} s</text>')
        for index, (label, points) in enumerate(panel["lines"]):
            colour = COLOURS[index % len(COLOURS)]
            for run in runs(points):
                path = " ".join(f"{x_of(at):.1f},{y_of(value):.1f}" for at, value in run)
                if len(run) == 1:
                    path += f" {x_of(run[0][0]) + 1:.1f},{y_of(run[0][1]):.1f}"
                out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
            out.append(f'<text x="{x0 + index * 110 + 16}" y="52" fill="#1e293b">{escape(label)}</text>')
            out.append(f'<rect x="{x0 + index * 110}" y="46" width="12" height="4" fill="{colour}"/>')
    out.append("</svg>")
    return "\n".join(out) + "\n"


def runs(points: list) -> list:
    """Cut where a value is missing: nothing was measured there, and a line would claim otherwise."""
    found, run = [], []
    for at, value in points:
        if value is None:
            if run:
                found.append(run)
            run = []
        else:
            run.append((at, value))
    return found + ([run] if run else [])
