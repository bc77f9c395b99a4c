import { chartStyle } from '../charts/chart-style.ts'

/** The only style of the page; the header allows it by its hash, and nothing has a style of its own. */
export const style = `:root {
color-scheme: light dark;
--ground: #f6f7f9; --card: #ffffff; --text: #1c2128; --quiet: #57606a; --line: #d5dae0; --link: #0b57d0;
--good: #1a7f37; --warn: #9a6700; --bad: #c9252d; --none: #8b949e; --sign: #ffffff;
--good-ground: #e6f5ea; --warn-ground: #fff4d6; --bad-ground: #fdeaea; --quiet-ground: #eceff2;
}
@media (prefers-color-scheme: dark) {
:root {
--ground: #0e1116; --card: #171b21; --text: #e6e9ed; --quiet: #9aa4af; --line: #2f363f; --link: #7cb3ff;
--good: #3fb950; --warn: #d9a12c; --bad: #f4766f; --none: #6b747e; --sign: #0e1116;
--good-ground: #12261a; --warn-ground: #2b2312; --bad-ground: #2e1718; --quiet-ground: #1c2128;
--chart-usual: #6cb2f5; --chart-slow: #c79bf2; --chart-cold: #f0a04b; --chart-other: #9aa4af; --chart-bad: #f4766f;
}
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1.5rem; padding-top: 1.25rem; }
h1 { font-size: 1.25rem; margin: 0; }
h2 { font-size: 1.125rem; margin: 0 0 0.5rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 0.25rem 0; }
a { color: var(--link); }
code { font: 0.875em ui-monospace, monospace; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
button { font: inherit; font-size: 0.875rem; color: var(--text); background: var(--card); border: 1px solid var(--quiet); border-radius: 6px; padding: 0.125rem 0.625rem; min-height: 1.75rem; cursor: pointer; }
p time, #bad-days th { white-space: nowrap; }
time, .figure, td { font-variant-numeric: tabular-nums; }
.quiet { color: var(--quiet); font-size: 0.875rem; }
.fresh { display: flex; flex-wrap: wrap; align-items: center; gap: 0 0.625rem; margin: 0.25rem 0; }
.failing, .old { color: var(--bad); font-weight: 600; font-size: 0.875rem; }
.card, .now { border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.125rem; margin: 0.875rem 0; background: var(--card); }
.now { display: flex; gap: 1rem; align-items: flex-start; }
.now h2 { font-size: 1.75rem; line-height: 1.2; margin: 0; }
.now .icon { width: 2.5rem; height: 2.5rem; flex: none; margin: 0; }
.now-good { background: var(--good-ground); border-color: var(--good); }
.now-warn { background: var(--warn-ground); border-color: var(--warn); }
.now-bad { background: var(--bad-ground); border-color: var(--bad); }
.now-quiet { background: var(--quiet-ground); }
.notice { background: var(--warn-ground); border-color: var(--warn); }
.icon { width: 1.125em; height: 1.125em; vertical-align: -0.2em; margin-right: 0.5em; }
.icon-sign { fill: none; stroke: var(--sign); stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round; }
.icon-good .icon-ground { fill: var(--good); }
.icon-warn .icon-ground { fill: var(--warn); }
.icon-bad .icon-ground { fill: var(--bad); }
.icon-quiet .icon-ground { fill: var(--quiet); }
.plain { list-style: none; margin: 0; padding: 0; }
.plain > li { padding: 0.375rem 0; }
.item + .item { border-top: 1px solid var(--line); }
.plain > .item { padding: 0.75rem 0; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 0 1.75rem; }
.grid > .item { border-top: 1px solid var(--line); }
.group { margin-top: 0.75rem; padding-bottom: 0.125rem; border-bottom: 1px solid var(--line); color: var(--quiet); }
.tag { display: inline-block; font-size: 0.8125rem; font-weight: 400; line-height: 1.4; border: 1px solid var(--line); border-radius: 99px; padding: 0 0.5rem; color: var(--quiet); background: var(--card); }
.figure { font-size: 1.375rem; }
.days { display: block; width: 100%; height: 3rem; margin-top: 0.625rem; }
.day-all { fill: var(--good); }
.day-most { fill: var(--warn); }
.day-less { fill: var(--bad); }
.day-none { fill: var(--none); }
.days rect:hover { opacity: 0.7; }
.ends { display: flex; justify-content: space-between; color: var(--quiet); font-size: 0.8125rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.25rem; list-style: none; margin: 0.25rem 0; padding: 0; color: var(--quiet); font-size: 0.8125rem; }
.legend svg { width: 0.75rem; height: 0.75rem; margin-right: 0.375rem; vertical-align: -0.0625rem; }
.wide { overflow-x: auto; margin-top: 0.5rem; direction: rtl; }
.wide .chart { min-width: 40rem; direction: ltr; }
.meter { display: block; width: 100%; height: 0.5rem; margin: 0.375rem 0; border-radius: 99px; }
.meter-track { fill: var(--line); }
.meter-left { fill: var(--good); }
.meter-low .meter-left { fill: var(--warn); }
.budget-good { color: var(--good); }
.budget-low { color: var(--warn); }
.budget-spent { color: var(--bad); }
.budget-unknown { color: var(--quiet); }
summary { cursor: pointer; padding: 0.25rem 0; }
summary h2 { display: inline-block; margin: 0 0.625rem 0 0; }
details.card { padding: 0.5rem 1.125rem; }
.checks > li { display: flex; flex-wrap: wrap; gap: 0 0.5rem; align-items: baseline; }
.checks .icon { margin-right: 0; align-self: center; }
.checks .name { min-width: 10rem; font-weight: 600; }
dl { margin: 0; }
dt { font-weight: 600; }
dd { margin: 0 0 0.5rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; margin-top: 0.375rem; }
th, td { text-align: left; font-weight: 400; padding: 0.375rem 0.5rem 0.375rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--quiet); }
footer { padding-bottom: 2rem; color: var(--quiet); font-size: 0.875rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print { body { background: none; } .card, .now { break-inside: avoid; } button { display: none; } }
${chartStyle}`
