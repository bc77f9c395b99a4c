/** The classes of all charts. A page defines the variables, for light and for dark; these are the light ones. */
export const chartStyle = `.chart { display: block; width: 100%; height: auto; color: inherit; }
.chart-text { font: 11px system-ui, sans-serif; fill: currentColor; }
.chart-grid { stroke: currentColor; stroke-opacity: 0.15; }
.chart-tick { stroke: currentColor; stroke-opacity: 0.5; }
.chart-line { stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.chart-p50 { stroke: var(--chart-usual, #1f6fb5); }
.chart-p95 { stroke: var(--chart-slow, #8a4fbe); stroke-dasharray: 5 4; }
.chart-warm { fill: var(--chart-usual, #1f6fb5); }
.chart-other { fill: var(--chart-other, #6b7280); }
.chart-cold { fill: var(--chart-cold, #b45309); }
.chart-resume { fill: var(--chart-resume, #0f766e); }
.chart-bad { fill: var(--chart-bad, #c02626); stroke: var(--chart-bad, #c02626); stroke-width: 2; }
.chart-outage { fill: var(--chart-bad, #c02626); fill-opacity: 0.14; }
.chart-run { fill: var(--chart-usual, #1f6fb5); fill-opacity: 0.35; }
.chart-deploy { fill: var(--chart-slow, #8a4fbe); }
`
