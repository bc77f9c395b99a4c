/** Of the one file: light and dark by what the reader's system asks for, and a print without colours of a screen. */
export const htmlStyle = `:root {
  color-scheme: light dark;
  --ink: #1b1f24; --paper: #ffffff; --faint: #57606a; --rule: #d0d7de; --stripe: #f6f8fa;
  --good: #116329; --bad: #b3261e; --unsure: #7a4f00;
  --chart-usual: #1f6fb5; --chart-slow: #8a4fbe; --chart-other: #6b7280;
  --chart-cold: #b45309; --chart-resume: #0f766e; --chart-bad: #c02626;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --paper: #0d1117; --faint: #9aa4af; --rule: #30363d; --stripe: #161b22;
    --good: #56d364; --bad: #ff8f85; --unsure: #e3b341;
    --chart-usual: #6cb2f7; --chart-slow: #c69cf4; --chart-other: #9aa4af;
    --chart-cold: #f0a04b; --chart-resume: #4fd1c5; --chart-bad: #ff7b72;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; margin: 0 0 0.25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.75rem; padding-top: 0.75rem; border-top: 1px solid var(--rule); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 1rem 0 0; padding: 0; list-style: none; font-size: 0.9rem; }
a { color: var(--chart-usual); }
p, ul { margin: 0.75rem 0; max-width: 48rem; }
.verdict { display: inline-block; margin: 0.5rem 0; padding: 0.5rem 0.9rem; border: 2px solid; border-radius: 0.4rem;
  font-size: 1.1rem; font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); } .unsure { color: var(--unsure); }
td.good, td.bad, td.unsure { font-weight: 600; white-space: nowrap; }
.scroll { overflow-x: auto; margin: 1rem 0; }
.scroll:focus-visible, a:focus-visible { outline: 2px solid var(--chart-usual); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.875rem; }
caption { text-align: left; color: var(--faint); padding-bottom: 0.35rem; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { white-space: nowrap; }
tbody tr:nth-child(even) { background: var(--stripe); }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.long { min-width: 18rem; }
td { max-width: 30rem; overflow-wrap: break-word; }
td.word { overflow-wrap: normal; white-space: nowrap; }
td.none { min-width: 5rem; color: var(--faint); font-size: 0.75rem; line-height: 1.3; white-space: normal; }
figcaption { color: var(--faint); font-size: 0.875rem; margin-bottom: 0.35rem; }
pre { overflow-x: auto; padding: 0.75rem; background: var(--stripe); font-size: 0.8rem; }
figure { margin: 1rem 0; }
figure .scroll { margin: 0; }
figure .chart { min-width: 36rem; }
@media print {
  :root { --ink: #000; --paper: #fff; --faint: #333; --rule: #999; --stripe: #fff; --good: #116329; --bad: #b3261e;
    --unsure: #7a4f00; --chart-usual: #1f6fb5; --chart-slow: #8a4fbe; --chart-other: #6b7280; --chart-cold: #b45309;
    --chart-resume: #0f766e; --chart-bad: #c02626; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav { display: none; }
  h2, figure, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroll { overflow: visible; }
  figure .chart { min-width: 0; }
  table { font-size: 7.5pt; }
  th, td { padding: 0.15rem 0.35rem; }
  td.word:not(.figure), th { white-space: normal; }
  td.none { font-size: 6.5pt; }
  caption, figcaption { font-size: 7.5pt; }
  td.long { min-width: 0; }
  thead { display: table-header-group; }
  pre { white-space: pre-wrap; }
}
`
