// Own devices as the pages draw them. Lit means live: a device that is still starting is not on.

import type { Capture } from "../media/capture.ts";
import type { Devices } from "../media/devices.ts";
import type { DevicesView, DeviceView } from "./view.ts";

export function devicesView(devices: Devices): DevicesView {
  const { preview } = devices;
  return {
    microphone: deviceView(devices, devices.microphone),
    camera: deviceView(devices, devices.camera),
    speaker: {
      choices: devices.choices("speaker"),
      ...(devices.speaker === "" ? {} : { chosen: devices.speaker }),
      choose: (id) => devices.chooseSpeaker(id),
    },
    ...(preview ? { preview } : {}),
    level: devices.level,
    testSound: () => void devices.testSound(),
  };
}

function deviceView(devices: Devices, capture: Capture): DeviceView {
  const { problem, chosen } = capture;
  return {
    on: capture.isLive,
    toggle: () => void capture.toggle(),
    forgetProblem: () => capture.forgetProblem(),
    ...(problem === undefined ? {} : { problem }),
    choices: devices.choices(capture.kind),
    ...(chosen === undefined ? {} : { chosen }),
    choose: (id) => void capture.choose(id),
  };
}
