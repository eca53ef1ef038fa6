import Bridge

/// A file of a message as Slack describes it, without its content (docs.slack.dev, File object). The store has it in
/// the same form.
struct SlackFile: Sendable, Hashable {
    let id: String
    let name: String
    /// In bytes; nil when Slack does not say it.
    let size: Int?
    /// What the file is said to be; its content may be something else.
    let mimeType: String
    /// `hosted` and `snippet` have content in Slack, `external` and `tombstone` (deleted) have none; also others.
    let mode: String
    /// `url_private_download`; nil where `files.info` is needed to know it, as for files of another organisation
    /// (`file_access` is `check_file_info`).
    let url: String?
    /// The e-mail or id of the author of another message that has it; nil for a file of the question itself.
    var author: String?

    /// The files of a message that are kept, of however many; more than are ever read.
    static let mostKept = 20

    /// The files of a message or of a stored question.
    static func list(_ json: JSONValue?) -> [SlackFile] {
        (json?.array ?? []).prefix(mostKept).compactMap(SlackFile.init)
    }

    /// The files of a message, then those of the messages that it forwards.
    ///
    /// - Parameter author: of the message; nil for the asker of the question that it is.
    static func all(in message: JSONValue, by author: String? = nil) -> [SlackFile] {
        let own = list(message["files"]).map { $0.posted(by: author) }
        return Array((own + SharedMessages.files(in: message)).prefix(mostKept))
    }

    func posted(by author: String?) -> SlackFile {
        var file = self
        file.author = author
        return file
    }

    /// nil without an id.
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string else { return nil }
        self.id = id
        name = [json["name"], json["title"]].compactMap { $0?.string }.first { !$0.isEmpty } ?? id
        size = json["size"]?.int
        mimeType = json["mimetype"]?.string ?? ""
        mode = json["mode"]?.string ?? ""
        url = json["url_private_download"]?.string ?? json["url_private"]?.string
        author = json["author"]?.string
    }

    /// The form in which the store has it.
    var json: JSONValue {
        var json: JSONObject = [
            "id": .string(id), "name": .string(name), "mimetype": .string(mimeType), "mode": .string(mode),
        ]
        if let size { json["size"] = .int(Int64(size)) }
        if let url { json["url_private_download"] = .string(url) }
        if let author { json["author"] = .string(author) }
        return .object(json)
    }

    /// Whether it is said to be an image of one of the formats that a model sees.
    var isImage: Bool { ImageFormat.allCases.contains { $0.mimeType == mimeType } }
}
