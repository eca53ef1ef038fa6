import Bridge

/// The first and third step of a file upload, whose second, the content, is posted to `/upload/<id>`; files.info; and
/// the files that users attach.
enum FileMethods {
    static func uploadURL(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let name = try call.required("filename")
        guard let length = try call.int("length"), length > 0 else { throw APIError("missing_argument") }
        let altText = try call.string("alt_txt")
        if let altText, altText.count > 1000 { throw APIError("alt_txt_too_large") }
        let id = "F0\(state.nextNumber())"
        state.uploads[id] = Upload(name: name, length: length, altText: altText)
        return ["ok": true, "upload_url": .string("\(state.baseURL)/upload/\(id)"), "file_id": .string(id)]
    }

    /// Shares all named files in one message a channel, or none of them when one cannot be shared.
    static func complete(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        guard let named = try call.structure("files", else: "invalid_arguments")?.array, !named.isEmpty else {
            throw APIError.missing("files")
        }
        let channels = try places(call, in: state)
        let thread = try call.string("thread_ts")
        for channel in channels { _ = try PostMethods.root(thread, in: channel, state) }
        var uploads: [(id: String, upload: Upload)] = []
        for file in named {
            guard let id = file["id"]?.string, var upload = state.uploads[id], upload.bytes != nil, !upload.isComplete,
                !uploads.contains(where: { $0.id == id })
            else { throw APIError("file_not_found") }
            upload.isComplete = true
            upload.title = file["title"]?.string ?? upload.name
            uploads.append((id, upload))
        }
        for (id, upload) in uploads { state.uploads[id] = upload }
        let files = uploads.map { json(of: $0.upload, id: $0.id, state) }
        for channel in channels {
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

    static func info(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let id = try call.required("file")
        guard let upload = state.uploads[id], upload.isComplete else { throw APIError("file_not_found") }
        return ["ok": true, "file": json(of: upload, id: id, state), "comments": []]
    }

    /// Stores the files of a user's message and returns their file objects.
    static func attach(_ files: [UserFile], by user: String, _ state: inout WorkspaceState) -> [JSONValue] {
        files.map { file in
            let id = "F0\(state.nextNumber())"
            var upload = Upload(name: file.name, length: file.bytes.count, altText: nil)
            upload.bytes = file.bytes
            upload.isComplete = true
            upload.user = user
            upload.needsFileInfo = file.needsFileInfo
            state.uploads[id] = upload
            return json(of: upload, id: id, state)
        }
    }

    /// The file objects of a message as an event has them.
    static func forEvent(_ files: [JSONValue], _ state: WorkspaceState) -> [JSONValue] {
        files.map { file in
            guard let id = file["id"]?.string, state.uploads[id]?.needsFileInfo == true else { return file }
            return ["id": .string(id), "mode": "file_access", "file_access": "check_file_info"]
        }
    }

    /// The channels to share in, of `channel_id` or of the list `channels`, whose ids are separated by commas; none for
    /// files that stay private. `chat:write.public` is not enough for files.
    private static func places(_ call: APIArguments, in state: WorkspaceState) throws(APIError) -> [ChannelState] {
        let one = try call.string("channel_id")
        let several = try call.string("channels") ?? ""
        let names = one.map { [$0] } ?? several.split(separator: ",").map(String.init)
        var channels: [ChannelState] = []
        for name in names {
            let channel = try PostMethods.place(name, in: state)
            guard channel.members.contains(state.options.bot.id) else { throw APIError("not_in_channel") }
            channels.append(channel)
        }
        return channels
    }

    private static func json(of upload: Upload, id: String, _ state: WorkspaceState) -> JSONValue {
        let url = JSONValue.string("\(state.baseURL)/files/\(id)")
        let type = FileType(of: upload)
        var file: JSONObject = [
            "id": .string(id), "name": .string(upload.name), "title": .string(upload.title ?? upload.name),
            "mimetype": .string(type.mime), "filetype": .string(type.name), "size": .int(Int64(upload.length)),
            "user": .string(upload.user ?? state.options.bot.id), "mode": .string(type.mode), "url_private": url,
            "url_private_download": url,
        ]
        if let text = upload.altText { file["alt_txt"] = .string(text) }
        return .object(file)
    }
}
