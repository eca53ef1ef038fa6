import Analytics
import Bridge
import Foundation

/// A file of an answer, an image or a text, as the outbox stores it: the body of a ``PostRow`` of kind `file`.
struct FilePost: Sendable, Hashable {
    /// `omni-<key of the row>.png`, for example: unique, so that the file can be found in its thread. Empty before the row exists.
    private(set) var name = ""
    private static let prefix = "omni-"
    /// Shown above the file.
    let title: String
    /// For users who do not see the file; at most ``longestAltText`` characters.
    let altText: String
    let mimeType: String
    /// Base64.
    let data: String
    /// The ending of the name.
    private let ending: String

    /// Stands for a file whose data was deleted by the retention.
    static let lost = FilePost(text: "", title: "file", mimeType: "")

    /// The limits of Slack (`alt_txt`), and of a title in one line.
    static let longestAltText = 1_000
    private static let longestTitle = 80

    init(_ file: AnswerFile) {
        let text = file.altText ?? UserMessages.imageTitle(file.tool)
        altText = String(text.prefix(Self.longestAltText))
        let line = text.split(whereSeparator: \.isNewline).first ?? ""
        title = line.shortened(to: Self.longestTitle)
        mimeType = file.format.mimeType
        ending = file.format.fileExtension
        data = file.data
    }

    /// A text file.
    ///
    /// - Parameters:
    ///   - title: with the ending of the file's name, such as `answer.md`.
    ///   - mimeType: one that begins with `text/`.
    init(text: String, title: String, mimeType: String) {
        self.title = title
        self.mimeType = mimeType
        altText = UserMessages.fileAltText(title)
        ending = title.split(separator: ".").last.map(String.init) ?? "txt"
        data = Data(text.utf8).base64EncodedString()
    }

    /// The MIME types of text files.
    static let markdown = "text/markdown"
    static let csv = "text/csv"

    /// A table as CSV.
    static func table(_ rows: [[String]], title: String) -> FilePost {
        let lines = rows.map { CSV.line($0.map { .string($0.replacing(MarkdownMentions.breaker, with: "")) }) }
        return FilePost(text: lines.joined(), title: title, mimeType: csv)
    }

    /// nil when the body is that of another kind, or was deleted by the retention.
    init?(_ body: JSONValue?) {
        guard let name = body?["name"]?.string, let data = body?["data"]?.string else { return nil }
        self.name = name
        self.data = data
        ending = name.split(separator: ".").last.map(String.init) ?? ""
        title = body?["title"]?.string ?? name
        altText = body?["alt_text"]?.string ?? ""
        mimeType = body?["mime_type"]?.string ?? ""
    }

    /// The same file with the name that belongs to a row.
    func named(after post: PostRow) -> FilePost {
        var file = self
        file.name = "\(Self.prefix)\(post.key).\(ending)"
        return file
    }

    /// The same file with the name of one that has no row: it was made of an answer at the press of a button.
    func named(after question: ULID) -> FilePost {
        var file = self
        file.name = "\(Self.prefix)\(question)-\(title)"
        return file
    }

    var json: JSONValue {
        [
            "name": .string(name), "title": .string(title), "alt_text": .string(altText),
            "mime_type": .string(mimeType), "data": .string(data),
        ]
    }

    /// Whether it is an image; else a text.
    var isImage: Bool { !mimeType.hasPrefix("text/") }

    /// The text of a text file; nil for an image.
    var text: String? { isImage ? nil : bytes.map { String(decoding: $0, as: UTF8.self) } }

    /// nil when the data is no base64.
    var bytes: [UInt8]? { Data(base64Encoded: data).map { Array($0) } }

    /// Whether a message of Slack's history shares the file of that row.
    static func isShared(_ post: PostRow, by message: JSONValue) -> Bool {
        guard let name = post.body?["name"]?.string, let files = message["files"]?.array else { return false }
        return files.contains { $0["name"]?.string == name }
    }

    /// Whether a message of Slack's history shares a file of an answer. A message with files has no metadata; a user
    /// may share such a file too.
    static func isOwn(_ message: JSONValue) -> Bool {
        guard message["bot_id"]?.string != nil, let files = message["files"]?.array else { return false }
        return files.contains { file in
            guard let name = file["name"]?.string, name.hasPrefix(prefix) else { return false }
            let key = name.dropFirst(prefix.count).split(separator: "-", maxSplits: 1)
            return key.count == 2 && ULID(String(key[0])) != nil
        }
    }
}
