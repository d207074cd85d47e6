// What this browser does with a push of the server, also while no page of it is open. The message has a title, a page and a kind, and nothing else.

globalThis.addEventListener('push', (event) => {
  const { title, path, kind } = event.data.json();
  // A newer one of the same kind about the same page takes the place of the older.
  const shown = { body: title, tag: `${kind} ${path}`, icon: '/wheel.svg', data: { path } };
  event.waitUntil(globalThis.registration.showNotification('Wheelhouse', shown));
});

globalThis.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPage(event.notification.data.path));
});

/** Goes to a window that shows the page already, or opens one: a window with another page may have a talk running in it. */
async function openPage(path) {
  const { origin } = globalThis.location;
  const page = new URL(path, origin);
  if (page.origin !== origin) return;
  const windows = await globalThis.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = windows.find(({ url }) => url === page.href);
  await (there === undefined ? globalThis.clients.openWindow(page.href) : there.focus());
}
