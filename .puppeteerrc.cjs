// Installing the package must not reach for anything but the package registry:
// the browser comes from the system, or from an explicit step later.
module.exports = { skipDownload: true };
