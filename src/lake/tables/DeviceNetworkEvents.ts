import type { TableAddition } from './addition.ts';

/**
 * https://learn.microsoft.com/defender-xdr/advanced-hunting-devicenetworkevents-table
 * SentBytes and ReceivedBytes are not in it: lakes that join flow data to it have them, and the detection names them.
 */
export const DEVICE_NETWORK_EVENTS: TableAddition = {
  table: 'DeviceNetworkEvents',
  required: [
    'Timestamp',
    'DeviceName',
    'ActionType',
    'RemoteIP',
    'RemotePort',
    'RemoteIPType',
    'InitiatingProcessId',
  ],
  optional: [
    { name: 'SentBytes', type: 'long' },
    { name: 'ReceivedBytes', type: 'long' },
  ],
};
