import type { TableAddition } from './addition.ts';

/** https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceimageloadevents-table */
export const DEVICE_IMAGE_LOAD_EVENTS: TableAddition = {
  table: 'DeviceImageLoadEvents',
  required: ['Timestamp', 'DeviceName', 'FileName', 'InitiatingProcessId', 'InitiatingProcessFileName'],
};
