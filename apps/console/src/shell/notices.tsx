import { WideLatches } from '../release/wide-latches.tsx';
import { AlarmBar } from './alarm-bar.tsx';

/**
 * Alarms and orders over more than one session. Each page places them where they push no Stop away from its place: a button that moves
 * under the hand at the moment something goes wrong is the worst one to have.
 */
export function Notices() {
  return (
    <div className="notices">
      <AlarmBar />
      <WideLatches />
    </div>
  );
}
