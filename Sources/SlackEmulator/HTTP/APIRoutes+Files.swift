import Bridge
import Hummingbird

/// The content of files: `/files/<id>` for the app, `/_page/files/<id>` for the page.
extension APIRoutes {
    /// `url_private`: needs the bot's token and `files:read`. Without them Slack shows its login page.
    func download(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let id = try context.parameters.require("id")
        if let early = await act(on: emulator.faults.take("url_private"), "url_private") { return early }
        let isAllowed =
            request.headers[.authorization] == "Bearer \(emulator.options.botToken)"
            && emulator.options.scopes.contains("files:read")
        let upload = emulator.workspace.read { $0.uploads[id] }
        emulator.trafficLog.note(
            .call, "url_private",
            ["ok": .bool(isAllowed && upload != nil), "arguments": ["file": .string(id)]])
        guard isAllowed else {
            let login = emulator.workspace.read { $0.baseURL } + "/"
            return Response(
                status: .found, headers: [.location: login, .contentType: "text/html; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: "<!DOCTYPE html><title>Sign in</title>")))
        }
        return Self.content(of: upload)
    }

    /// The page has no token; it shows what its user sees.
    func pageFile(_ context: BasicRequestContext) throws -> Response {
        let id = try context.parameters.require("id")
        return Self.content(of: emulator.workspace.read { $0.uploads[id] })
    }

    private static func content(of upload: Upload?) -> Response {
        guard let upload, let bytes = upload.bytes else { return Response(status: .notFound) }
        // Only images are shown in the page; anything else is downloaded, and never interpreted.
        var headers: HTTPFields = [.contentType: upload.image?.mimeType ?? "application/octet-stream"]
        headers[.contentDisposition] = upload.image == nil ? "attachment" : "inline"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
