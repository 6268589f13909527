/** The report's style sheet; both themes, and paper. */
export const reportStyle = `
:root{color-scheme:light dark;--paper:#fff;--text:#15181d;--muted:#545c69;--line:#dcdfe5;--blue:#0062a0;--orange:#b04a00}
@media (prefers-color-scheme:dark){:root{--paper:#1a1e24;--text:#e8ebef;--muted:#a3acb8;--line:#2e353e;--blue:#56b4e9;--orange:#f58c3c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--text);font:14px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1080px;margin:0 auto;padding:24px}
h1{margin:0;font-size:24px}
h2{margin:32px 0 4px;font-size:17px}
p,dl,dd,figure,ul{margin:0}
.about,small{color:var(--muted);font-size:13px}
small{display:block;font-weight:400}
.path{overflow-wrap:anywhere;font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:12px}
.headline{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:8px 16px;margin:16px 0}
.headline dt{color:var(--muted)}
.headline dd:nth-child(2){font-size:22px;font-weight:600}
.wide{overflow-x:auto;margin-top:8px}
table{border-collapse:collapse}
.matrix td,.matrix th{padding:0;font-size:12px;font-weight:400}
.matrix tbody td{border:1px solid var(--line);text-align:center}
.matrix tbody th{max-width:220px;padding-right:8px;overflow:hidden;text-align:right;text-overflow:ellipsis;white-space:nowrap}
.matrix thead th{height:96px;vertical-align:bottom}
.matrix thead th span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:150px;overflow:hidden;white-space:nowrap}
.numbered tbody td{min-width:36px;height:26px}
.small tbody td{min-width:9px;height:9px;border-width:0 1px 1px 0}
.small td,.small th{font-size:8px;line-height:9px}
.classes th,.classes td{padding:3px 12px 3px 0;border-bottom:1px solid var(--line);text-align:right}
.classes th:first-child,.classes td:first-child{text-align:left}
.classes thead th{vertical-align:bottom}
tfoot th,tfoot td{color:var(--muted)}
.figures,.images{display:flex;flex-wrap:wrap;gap:16px;margin-top:8px}
figcaption{font-weight:600}
svg text{fill:var(--muted);font-size:10px}
.grid{stroke:var(--line)}
.even{stroke:var(--muted);stroke-dasharray:4 3}
polyline{fill:none;stroke-width:1.75;stroke-linejoin:round}
.roc{stroke:var(--blue)}
.recall{stroke:var(--orange)}
.bar{fill:var(--blue);opacity:.75}
.mark{fill:var(--orange)}
.images figure{width:152px}
.images img{display:block;width:152px;height:152px;object-fit:contain;image-rendering:pixelated;background:#000}
.images figcaption{font-size:12px;font-weight:400}
.images .path{display:block;color:var(--muted);font-size:11px}
.gone{display:grid;place-items:center;width:152px;height:152px;border:1px solid var(--line);color:var(--muted)}
.classes tbody th{overflow-wrap:anywhere}
.facts{columns:2 320px;margin:8px 0}
.facts div{break-inside:avoid}
.facts dt{display:inline;color:var(--muted)}
.facts dt::after{content:': '}
.facts dd{display:inline;overflow-wrap:anywhere}
@media (max-width:600px){main{padding:16px}.matrix tbody th{max-width:110px}.matrix thead th span{max-height:96px}.classes th,.classes td{padding-right:8px}.classes tbody th{min-width:96px}}
@page{margin:14mm}
@media print{:root{color-scheme:light;--paper:#fff;--text:#15181d;--muted:#545c69;--line:#dcdfe5;--blue:#0062a0;--orange:#b04a00}main{max-width:none;padding:0}h2,.about{break-after:avoid}figure,tr,svg{break-inside:avoid}.wide{overflow:visible}tfoot{display:table-row-group}.matrix tbody th{max-width:110px}.matrix tbody td{min-width:0}.many td,.many th{font-size:5px;line-height:5px}.many tbody td{height:5px}*{print-color-adjust:exact}}
`
