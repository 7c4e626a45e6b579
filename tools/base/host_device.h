#ifndef TOOLS_BASE_HOST_DEVICE_H_
#define TOOLS_BASE_HOST_DEVICE_H_

// Marks a function that nvcc compiles for the host and for the device; for any
// other compiler it is nothing.
#if defined(__CUDACC__)
#define ANISOGRAD_HOST_DEVICE __host__ __device__
#else
#define ANISOGRAD_HOST_DEVICE
#endif

#endif  // TOOLS_BASE_HOST_DEVICE_H_
