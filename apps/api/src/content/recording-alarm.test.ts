import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bulletin } from '../operator/bulletin.ts';
import { recordingAlarm } from './recording-alarm.ts';

describe('the alarm over recordings that fall behind', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is raised once, repeated for consoles that come later, and cleared once', () => {
    const bulletin = new Bulletin();
    const raised: boolean[] = [];
    bulletin.subscribe(({ event, tenant }) => {
      expect(tenant).toBeNull();
      if (event.event === 'alarm' && event.data.code === 'recording_behind') raised.push(event.data.raised);
    });
    const alarm = recordingAlarm(bulletin);
    alarm(false);
    expect(raised).toEqual([]);
    alarm(true);
    alarm(true);
    expect(raised).toEqual([true]);
    vi.advanceTimersByTime(5000);
    expect(raised).toEqual([true, true]);
    alarm(false);
    alarm(false);
    vi.advanceTimersByTime(20_000);
    expect(raised).toEqual([true, true, false]);
    alarm(true);
    expect(raised).toEqual([true, true, false, true]);
    alarm(false);
  });
});
