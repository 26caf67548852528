// Quads of invocations that read each other’s registers.
enable subgroups;
