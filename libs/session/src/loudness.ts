/** Every eighth sample is enough for a meter and keeps the cost of a tick below a microsecond. */
const STRIDE = 8;

/** Loudness of a slice of PCM16 audio for meters: root mean square in thousandths of full scale, 0 to 1000. */
export function loudness(audio: Int16Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < audio.length; i += STRIDE) {
    const sample = audio[i] ?? 0;
    sum += sample * sample;
    count += 1;
  }
  return count === 0 ? 0 : Math.min(1000, Math.round((Math.sqrt(sum / count) / 32_768) * 1000));
}
