import { createContext, useContext } from 'react';
import type { Voice } from './voice.ts';

export const VoiceContext = createContext<Voice | null>(null);

export function useVoice(): Voice {
  const voice = useContext(VoiceContext);
  if (voice === null) throw new Error('useVoice outside of the signed-in pages');
  return voice;
}
