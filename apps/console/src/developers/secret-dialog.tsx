import { OLD_SECRET_HOURS } from '@wheelhouse/protocol/webhook';
import { Dialog } from '../shell/dialog.tsx';
import { ShownOnce } from '../shell/shown-once.tsx';

/** A webhook's secret, this once. */
export function SecretDialog({ secret, isRotated = false, onClose }: { secret: string; isRotated?: boolean; onClose: () => void }) {
  return (
    <Dialog title="Secret of the webhook" onClose={onClose}>
      <div className="form">
        <p>
          It is shown this once. With it the receiver checks that what arrives is from here.
          {isRotated && ` For ${OLD_SECRET_HOURS} hours deliveries are signed with the old one as well.`}
        </p>
        <ShownOnce label="Secret" value={secret} testId="webhook-secret" />
      </div>
    </Dialog>
  );
}
