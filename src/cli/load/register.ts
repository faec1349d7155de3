// `node --import` of this file lets a program load files of the user as `tapline run` does.
import { installHooks } from './hooks.ts';

installHooks();
