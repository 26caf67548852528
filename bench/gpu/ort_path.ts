/** Where the benchmark's server has the files that onnxruntime-web loads by itself. */
export const ORT_PATH = '/ort/';
