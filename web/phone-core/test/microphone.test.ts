import { afterEach, expect, test, vi } from "vitest";
import { browserMicrophones } from "../src/adapters/microphone";

function browserAnswers(getUserMedia: () => Promise<unknown>, delegated = true): void {
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
  Object.assign(document, { featurePolicy: { allowsFeature: () => delegated } });
}

function refuses(name: string, message = ""): () => Promise<never> {
  return () => Promise.reject(new DOMException(message, name));
}

afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(document, "featurePolicy");
});

test.each([
  ["the agent said no", refuses("NotAllowedError", "Permission denied"), true, "denied"],
  ["the system says no", refuses("NotAllowedError", "Permission denied by system"), true, "blocked_by_system"],
  ["the frame has no allow=", refuses("NotAllowedError", "Permission denied"), false, "not_delegated"],
  ["there is no device", refuses("NotFoundError"), true, "no_device"],
  ["another program has it", refuses("NotReadableError"), true, "busy"],
  ["the stream has no sound", async () => ({ getAudioTracks: () => [] }), true, "no_device"],
])("%s", async (_why, getUserMedia, delegated, fault) => {
  browserAnswers(getUserMedia, delegated);
  await expect(browserMicrophones.open()).rejects.toMatchObject({ fault });
});

test("a page that is not secure has no microphone at all", async () => {
  vi.stubGlobal("navigator", {});
  await expect(browserMicrophones.open()).rejects.toMatchObject({ fault: "insecure_page" });
});

test("an open microphone tells when its device goes away, and closes its track", async () => {
  const track = { readyState: "live", onended: null as (() => void) | null, stop: vi.fn() };
  browserAnswers(async () => ({ getAudioTracks: () => [track] }));
  const microphone = await browserMicrophones.open();
  const ended = vi.fn();
  microphone.onended = ended;
  expect(microphone.live).toBe(true);
  track.onended?.();
  expect(ended).toHaveBeenCalledTimes(1);
  microphone.close();
  expect(track.stop).toHaveBeenCalledTimes(1);
});
