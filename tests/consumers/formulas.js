// Reads pandoc's JSON trees (the arguments) and prints, as JSON, which of their formulas KaTeX and
// MathJax do not set: [[which, message, formula], ...] and how many there are.
const fs = require("fs");
const katex = require("katex");

const formulas = new Map();
function collect(node) {
  if (Array.isArray(node)) node.forEach(collect);
  else if (node && typeof node === "object") {
    if (node.t === "Math") formulas.set(node.c[0].t + node.c[1], [node.c[1], node.c[0].t === "DisplayMath"]);
    Object.values(node).forEach(collect);
  }
}
for (const name of process.argv.slice(2)) collect(JSON.parse(fs.readFileSync(name)));

async function main() {
  const wrong = [];
  const MathJax = await require("mathjax").init({
    loader: { load: ["input/tex"] },
    // an error that stands for itself, where MathJax would set red text
    tex: { formatError: (_, error) => { throw error; }, packages: { "[-]": ["noundefined", "noerrors"] } },
  });
  for (const [formula, displayMode] of formulas.values()) {
    try {
      katex.renderToString(formula, { displayMode, throwOnError: true, strict: "error" });
    } catch (error) {
      wrong.push(["KaTeX", error.message, formula]);
    }
    try {
      MathJax.tex2mml(formula, { display: displayMode });
    } catch (error) {
      wrong.push(["MathJax", String(error.message || error), formula]);
    }
  }
  console.log(JSON.stringify({ count: formulas.size, wrong }));
}
main();
