import Bridge
import Hummingbird
import ServiceLifecycle

/// The routes of the page: its files, its data, and the event stream that reports changes.
struct PageRoutes: Sendable {
    let emulator: Emulator

    private static let styles: [(RouterPath, [UInt8])] = [
        ("/page.css", PackageResources.page_css), ("/message.css", PackageResources.message_css),
        ("/inspector.css", PackageResources.inspector_css),
    ]

    private static let modules: [(RouterPath, [UInt8])] = [
        ("/page.js", PackageResources.page_js), ("/pane.js", PackageResources.pane_js),
        ("/home.js", PackageResources.home_js),
        ("/sidebar.js", PackageResources.sidebar_js), ("/unread.js", PackageResources.unread_js),
        ("/composer.js", PackageResources.composer_js), ("/message.js", PackageResources.message_js),
        ("/modal.js", PackageResources.modal_js), ("/inspector.js", PackageResources.inspector_js),
        ("/traffic.js", PackageResources.traffic_js), ("/blocks.js", PackageResources.blocks_js),
        ("/text.js", PackageResources.text_js), ("/emoji.js", PackageResources.emoji_js),
        ("/dom.js", PackageResources.dom_js), ("/attaching.js", PackageResources.attaching_js),
    ]

    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { _, _ in file(PackageResources.page_html, "text/html; charset=utf-8") }
        for (path, bytes) in Self.styles { router.get(path) { _, _ in file(bytes, "text/css; charset=utf-8") } }
        for (path, bytes) in Self.modules {
            router.get(path) { _, _ in file(bytes, "text/javascript; charset=utf-8") }
        }
        router.get("/archives/:channel/:message") { _, _ in file(PackageResources.page_html, "text/html; charset=utf-8")
        }
        router.get("/_page/view") { request, _ in
            let person = request.uri.queryParameters["as"].map(String.init) ?? ""
            return Response(PageView.json(emulator, for: person))
        }
        router.get("/events") { _, _ in events() }
    }

    private func file(_ bytes: [UInt8], _ type: String) -> Response {
        let policy =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        let headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-cache", .contentSecurityPolicy: policy,
        ]
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// `GET /events`: a server-sent event at once and after every change, with the workspace's id and version, the
    /// newest number of the traffic log and the connections, so that the page requests only what is new.
    private func events() -> Response {
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-cache"]
        let emulator = emulator
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                for await _ in emulator.workspace.changes() {
                    let connections = emulator.gateway.connections
                    let moment: JSONValue = [
                        "workspace": .string(emulator.workspace.id), "version": .int(Int64(emulator.workspace.version)),
                        "journal": .int(Int64(emulator.trafficLog.newest)), "open": .int(Int64(connections.open)),
                        "live": .int(Int64(connections.live)),
                    ]
                    try await writer.write(ByteBuffer(string: "data: \(moment.text())\n\n"))
                }
                try await writer.finish(nil)
            })
    }
}
