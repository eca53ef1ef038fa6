import Bridge

/// The first and third step of a file upload; the second, the content, is posted to `/upload/<id>`.
enum FileMethods {
    static func uploadURL(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let name = try call.required("filename")
        guard let length = try call.int("length"), length > 0 else { throw APIError("missing_argument") }
        if let alt = try call.string("alt_txt"), alt.count > 1000 { throw APIError("alt_txt_too_large") }
        let id = "F0\(state.nextNumber())"
        state.uploads[id] = Upload(name: name, length: length)
        return ["ok": true, "upload_url": .string("\(state.baseURL)/upload/\(id)"), "file_id": .string(id)]
    }

    static func complete(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        guard let named = try call.structure("files", else: "invalid_arguments")?.array, !named.isEmpty else {
            throw APIError.missing("files")
        }
        var channelID = try call.string("channel_id")
        if channelID == nil { channelID = try call.string("channels") }
        var channel: ChannelState?
        if let channelID { channel = try PostMethods.place(channelID, in: state) }
        let thread: String?
        if let channel {
            thread = try PostMethods.root(try call.string("thread_ts"), in: channel, state)
        } else {
            thread = nil
        }
        var files: [JSONValue] = []
        for file in named {
            guard let id = file["id"]?.string, let upload = state.uploads[id], upload.bytes != nil, !upload.isComplete
            else { throw APIError("file_not_found") }
            state.uploads[id]?.isComplete = true
            state.uploads[id]?.title = file["title"]?.string ?? upload.name
            let url = "\(state.baseURL)/files/\(id)"
            files.append([
                "id": .string(id), "name": .string(upload.name), "title": .string(file["title"]?.string ?? upload.name),
                "size": .int(Int64(upload.length)), "user": .string(state.options.bot.id), "mode": "hosted",
                "url_private": .string(url), "url_private_download": .string(url),
            ])
        }
        if let channel {
            var message = EmulatedMessage(
                ts: state.nextTS(), channel: channel.id, user: state.options.bot.id,
                text: try call.string("initial_comment") ?? "")
            message.botID = state.options.botID
            message.files = files
            message.threadTS = thread
            message.subtype = "file_share"
            PostMethods.publish(message, &state)
        }
        return ["ok": true, "files": .array(files)]
    }
}
