// Package browser tests the page of autoamp serve in Chromium: what is drawn, what the keyboard reaches, what follows a run that
// trains, and that nothing leaves the machine. It is a module of its own, so that autoamp does not depend on a browser's protocol.
//
// make browser installs Chromium and axe-core, which looks for what people who do not see the page as we do cannot use.
package browser
