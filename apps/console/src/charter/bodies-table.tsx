import type { CharterView } from '@wheelhouse/protocol/charter-view';

export function BodiesTable({ view }: { view: CharterView }) {
  return (
    <div className="charter-scroll">
      <table className="charter-table">
        <thead>
          <tr>
            <th scope="col">Body</th>
            <th scope="col">Seats</th>
            <th scope="col">People now</th>
            <th scope="col">Needs</th>
          </tr>
        </thead>
        <tbody>
          {view.bodies.map((body) => (
            <tr key={body.id}>
              <th scope="row">
                {body.title} {body.title === body.id ? null : <code>{body.id}</code>}
              </th>
              <td>{view.seats.filter(({ body: of }) => of === body.id).length}</td>
              <td>
                {body.people}
                {body.people < body.minimum && <span className="charter-mark"> too few</span>}
              </td>
              <td>
                {body.minimum === 0
                  ? 'nobody in particular'
                  : `${body.minimum} people; with fewer, nothing runs above level ${body.ceiling}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
