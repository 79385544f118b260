// Decodes codes with zxing-cpp as WebAssembly, in a worker of its own: only here may WebAssembly be compiled (web/assets.py).
importScripts("/assets/vendor/zxing-wasm/reader.js");

ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => "/assets/vendor/zxing-wasm/zxing_reader.wasm" } });

onmessage = async ({ data }) => {
  const found = await ZXingWASM.readBarcodes(data, { tryHarder: true, maxNumberOfSymbols: 1 }).catch(() => []);
  postMessage(found[0]?.text || "");
};
