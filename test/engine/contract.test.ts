import { describe, it } from 'vitest';
import { engineSuite } from '../../src/testing/index.ts';
import { openJoined, openLoopback, openReadLoop, openUring } from './support/fixtures.ts';

const runner = { describe, it };

engineSuite('Loopback', runner, openLoopback);
engineSuite('ReadLoop over sockets', runner, openReadLoop);
engineSuite('Uring over sockets', runner, openUring);
engineSuite('Joined of a Loopback and a ReadLoop', runner, openJoined);
