// Requests to the server; an error has a message for the user, and of an answer its status and body.

async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The server does not respond. Is it still running?");
  }
  if (!response.ok) {
    const body = await response.json();
    throw Object.assign(new Error(body.error), { status: response.status, body });
  }
  return response;
}

export async function getJson(path) {
  return (await answered(path)).json();
}

export function post(path, value) {
  const headers = { "Content-Type": "application/json" };
  return answered(path, { method: "POST", headers, body: JSON.stringify(value) });
}

export async function postJson(path, value) {
  return (await post(path, value)).json();
}

// Send the bytes of a file; parameters are for the server to show or choose by.
export async function postFile(path, body, parameters) {
  const headers = { "Content-Type": "application/octet-stream" };
  const response = await answered(`${path}?${new URLSearchParams(parameters)}`, { method: "POST", headers, body });
  return response.json();
}

// A file, unless it is larger than the server takes.
export function asUpload(file, maxBytes) {
  if (file.size > maxBytes) {
    throw new Error(`${file.name}: is larger than ${Math.round(maxBytes / 1024 ** 2)} MB`);
  }
  return file;
}
