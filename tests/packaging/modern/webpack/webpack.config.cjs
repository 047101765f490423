// No rule and no experiment for wasm: the package needs none.
module.exports = {
  mode: 'production',
  context: __dirname,
  entry: './main.js',
  output: { path: `${__dirname}/dist`, filename: 'bundle.js' },
  performance: { hints: false },
}
