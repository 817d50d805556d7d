// Package serve shows runs, sweeps and reproductions in a browser while they are written.
//
//	s, err := serve.New(ctx, serve.Settings{Dirs: []string{"runs"}, Addr: "127.0.0.1:0"})
//	fmt.Println(s.URL())
//	err = s.Serve(ctx)
//
// # The interface
//
// All answers are JSON, unless another type is named, and all requests are GET or HEAD. An ID is opaque: it is found in the
// list, and no path of a request is ever joined to a folder. An answer that is not a success is a [Failure].
//
//	/                                           the page; its files lie in the folder page of this package, and are embedded
//	/api/list                                   [List]
//	/api/run/{id}                               [Run]
//	/api/run/{id}/metrics?points=&spacing=&from=&to=    [Metrics]
//	/api/run/{id}/structure?points=&spacing=    [Structure]
//	/api/run/{id}/log?bytes=                    [Log]
//	/api/run/{id}/picture/{step}/{replica}/{name}.png    image/png, a matrix; names are in [Checkpoint]
//	/api/run/{id}/file/{name}                   a figure of the run or its report.html, as it lies there
//	/api/compare?run={id}&run={id}…             [Compare]
//	/api/sweep/{id}                             [Sweep]
//	/api/sweep/{id}/figure/{name}.svg           image/svg+xml, of the cells that are done
//	/api/reproduce/{id}                         [Reproduction]
//	/api/reproduce/{id}/report                  text/html, its report
//	/api/reproduce/{id}/figure/{experiment}/{name}.svg    image/svg+xml, of the cells that are done
//	/api/events                                 text/event-stream, see [Change]
//
// Numbers that are not known, NaN and infinities are null. Times are seconds. Errors are mean squares per coordinate.
package serve
