import type { Risk } from '@wheelhouse/protocol/signals';
import { Tensor } from 'onnxruntime-node';
import { type Frame, type Planes, planesOf } from './frame.ts';
import { fieldsOf, numberOr, numbersOr, parseJson } from './json-field.ts';
import { readLabelRisk, riskOf } from './label-risk.ts';
import { floatsOf, openModel } from './model-session.ts';

/** What lies in an image classifier's folder, in the Hugging Face export layout. `settings` is our own `wheelhouse.json`. */
export type UnsafeImageFiles = {
  readonly model: Uint8Array;
  /** `preprocessor_config.json`. */
  readonly preprocessor: string;
  readonly config: string;
  readonly settings: string | null;
};

export type UnsafeImage = { riskOf(frame: Frame): Promise<Exclude<Risk, 'unknown'>> };

const USUAL_SIDE = 224;

/** Opens a classifier whose one input is float32, channels first or last. Throws Error in words for who configured it. */
export async function createUnsafeImage(files: UnsafeImageFiles): Promise<UnsafeImage> {
  const labels = readLabelRisk(files.config, files.settings);
  const planes = readPreprocessor(files.preprocessor);
  const model = await openModel(files.model);
  const [input] = model.inputMetadata;
  if (model.inputNames.length !== 1 || input?.isTensor !== true || input.type !== 'float32' || input.shape.length !== 4)
    throw new Error('An image classifier has one input of four dimensions, float32.');
  // Only a last dimension of three says that channels come last; free dimensions have names.
  const channelsLast = input.shape[3] === 3 && input.shape[1] !== 3;
  const { width, height } = planes;
  return {
    riskOf: async (frame) => {
      const pixels = planesOf(frame, { left: 0, top: 0, width: frame.width, height: frame.height }, planes);
      const tensor = channelsLast
        ? new Tensor('float32', interleave(pixels), [1, height, width, 3])
        : new Tensor('float32', pixels, [1, 3, height, width]);
      const output = await model.run({ [input.name]: tensor });
      return riskOf(
        floatsOf(
          output,
          model.outputNames.find((name) => name === 'logits'),
        ).data,
        labels,
      );
    },
  };
}

/** Size, scale, mean and spread, as image processors of Transformers write them down. */
function readPreprocessor(text: string): Planes {
  const fields = parseJson(text, 'preprocessor_config.json');
  const size =
    typeof fields['size'] === 'number'
      ? { height: fields['size'], width: fields['size'] }
      : fieldsOf(fields['size'] ?? {}, 'preprocessor_config.json: size');
  const shortest = numberOr(size['shortest_edge'], USUAL_SIDE);
  const width = numberOr(size['width'], shortest);
  const height = numberOr(size['height'], shortest);
  if (![width, height].every((side) => Number.isInteger(side) && side >= 1 && side <= 1024))
    throw new Error(`preprocessor_config.json: a size of ${width} by ${height} is none from 1 to 1024.`);
  const rescale = fields['do_rescale'] === false ? 1 : numberOr(fields['rescale_factor'], 1 / 255);
  const normalise = fields['do_normalize'] !== false;
  const mean = normalise ? numbersOr(fields['image_mean'], [0.5, 0.5, 0.5]) : [0, 0, 0];
  const spread = normalise ? numbersOr(fields['image_std'], [0.5, 0.5, 0.5]) : [1, 1, 1];
  if (spread.includes(0)) throw new Error('preprocessor_config.json: image_std has a 0 in it.');
  return {
    width,
    height,
    scale: spread.map((one) => rescale / one),
    shift: mean.map((one, i) => -one / (spread[i] ?? 1)),
    order: [0, 1, 2],
  };
}

function interleave(planes: Float32Array): Float32Array {
  const size = planes.length / 3;
  return Float32Array.from(planes, (_, i) => planes[(i % 3) * size + Math.floor(i / 3)] ?? 0);
}
