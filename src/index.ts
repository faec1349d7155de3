/**
 * tapline: packet processing for Linux TUN/TAP in TypeScript and WebAssembly.
 *
 * Devices: `openTun`, `openTap`. Lines: `openPipeline` with ports (`tap`, `tun`, `queue`, `file`, `capture`) and filters (`defineFilter`).
 * Importing this module opens and loads nothing; that happens with the first device.
 *
 * @module
 */
export { openTap, openTun } from './pipeline/openDevice.ts';
export type { Device, DeviceKind, ReadOptions } from './device/device.ts';
export type { KernelFilter, TapOptions, TunOptions } from './pipeline/openDevice.ts';
export type { Offload, OffloadChoice } from './device/offloads.ts';
export * from './device/virtioHeader.ts';
export { adoptDevice } from './device/adopt.ts';
export { probeOffloads } from './device/probeOffloads.ts';
export type { OffloadProbe } from './device/probeOffloads.ts';
export { stepDownOffloads } from './device/stepDown.ts';
export type { DeviceQueue } from './device/deviceQueue.ts';
export type { DeviceEvent, EventOptions } from './device/events.ts';
export type { DeviceStatistics, LinkCounters } from './device/statistics.ts';
export type { BpfInstruction } from './device/bpfFilter.ts';
export type { TunInfo } from './device/tunInfo.ts';
export { listDevices } from './device/listDevices.ts';
export type { DeviceInfo } from './device/listDevices.ts';
export { probeTun } from './device/features.ts';
export type { TunProbe } from './device/features.ts';

export { openPipeline } from './lanes/openPipeline.ts';
export type { LanesPipeline } from './lanes/declaration.ts';
export type { LanesFilters, LanesLine } from './lanes/lanesLine.ts';
export type { LaneSummary, LanesSummary } from './lanes/summary.ts';
export { tap, tun } from './pipeline/declaration.ts';
export type { DevicePort, EngineChoice, Pipeline, PortLike, Ports, Routes } from './pipeline/declaration.ts';
export { capture, discard, file } from './pipeline/file.ts';
export type { CaptureFileOptions, CaptureFilePort, DiscardPort, FileOptions, FilePort } from './pipeline/file.ts';
export { queue } from './pipeline/queue.ts';
export type { Queue, QueueOptions } from './pipeline/queue.ts';
export type { CaptureFile, FilterChain, Line, LinePort } from './pipeline/line.ts';
export type { CaptureSummary, FilterSummary, PortSummary, SkippedPackets, Summary } from './pipeline/summary.ts';

export { defineFilter } from './filter/define.ts';
export type { FilterFactory, FilterLike } from './filter/define.ts';
export { filterFrom } from './filter/filterFrom.ts';
export type { FilterFromOptions } from './filter/filterFrom.ts';
export type { ModuleRecipe, PcapRecipe, Recipe, WasmRecipe } from './filter/recipe.ts';
export type {
  ConfigField,
  ConfigInput,
  ConfigSchema,
  ConfigValues,
  FilterContext,
  FilterDeclaration,
  Manifest,
} from './filter/declaration.ts';
export type {
  BindCopy,
  CopyBytes,
  FilterSource,
  Guard,
  GuardSource,
  Handover,
  Stage,
  StageHost,
} from './filter/stage.ts';
export type { StageCounts, StageLimits } from './core/stageTable.ts';
export { wasmFilter } from './wasm/wasmFilter.ts';
export type { WasmFilter, WasmFilterOptions } from './wasm/wasmFilter.ts';
export { tableEntries } from './wasm/tableEntries.ts';
export type { TableEntry } from './wasm/tableEntries.ts';
export type { StateArray, StateTable, StateValue, StateView } from './wasm/stateView.ts';
export { pcapFilter, pcapGuard } from './filter/pcapFilter.ts';
export type { PcapFilterOptions } from './filter/pcapFilter.ts';
export type { PcapOptions, PcapSource } from './filter/pcapPrograms.ts';
export type { ChainItem, GuardedFilter } from './filter/guarded.ts';
export { compileExpression } from './pcap/compile.ts';
export type { CompileOptions } from './pcap/compile.ts';
export { ExpressionError } from './pcap/expressionError.ts';
export type { LinkType } from './pcap/linkType.ts';
export type { NameResolver, Service } from './pcap/lower/names.ts';
export type { ForeignProgram } from './pcap/program/foreign.ts';
export { Verdict } from './core/verdict.ts';
export { Packet } from './core/packet.ts';
export type { CopiedPacket } from './core/copiedPacket.ts';
export { prefix } from './core/prefix.ts';
export type { Prefix } from './core/prefix.ts';
export type { FrameBatch } from './engine/memoryPort.ts';

export { openCapture } from './capture/reader.ts';
export type { CaptureReader, Direction } from './capture/captureReader.ts';
export type { CaptureInterface } from './capture/captureInterface.ts';
export { createCapture } from './capture/writer.ts';
export type { CaptureOptions } from './capture/writer.ts';
export type { CaptureWriter, PacketInfo } from './capture/captureWriter.ts';
export type { WrittenInterface } from './capture/encoder.ts';
export type { ByteSource } from './capture/source.ts';
export type { ByteSink } from './capture/sink.ts';

export { TaplineError } from './errors.ts';
export type { ErrorCode, SystemErrorDetails } from './errors.ts';
