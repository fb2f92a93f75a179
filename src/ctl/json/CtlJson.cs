using System.Text.Json.Serialization;

namespace TimeSuite.Ctl;

internal sealed record WaitJson(bool Synchronized, decimal? OffsetS, decimal? BoundS, decimal WaitedS);

internal sealed record ReloadJson(uint Added, uint Removed, uint Changed, uint Kept, IReadOnlyList<string> Unserved);

internal sealed record StepJson(decimal? SteppedS);

internal sealed record CountJson(uint Sources);

internal sealed record NameJson(string Name);

internal sealed record DeletedJson(string Name, uint Sources);

internal sealed record VersionJson(string Timectl, string? Ntpd);

internal sealed record SocketsJson(IReadOnlyList<string> Units);

internal sealed record CheckJson(bool Valid, int Sources, IReadOnlyList<MistakeJson> Errors);

internal sealed record MistakeJson(string File, int Line, int Column, string Message);

/// <summary>Everything that <c>--json</c> prints: source-generated, so that no reflection is needed.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Serialization | JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PtpJson))]
[JsonSerializable(typeof(PtpMastersJson))]
[JsonSerializable(typeof(PtpCountersJson))]
[JsonSerializable(typeof(PtpManagedJson))]
[JsonSerializable(typeof(IReadOnlyList<PtpPortJson>))]
[JsonSerializable(typeof(ProtectionsJson))]
[JsonSerializable(typeof(TrackingJson))]
[JsonSerializable(typeof(SourcesJson))]
[JsonSerializable(typeof(SnapshotJson))]
[JsonSerializable(typeof(ClocksJson))]
[JsonSerializable(typeof(WaitJson))]
[JsonSerializable(typeof(ReloadJson))]
[JsonSerializable(typeof(StepJson))]
[JsonSerializable(typeof(CountJson))]
[JsonSerializable(typeof(NameJson))]
[JsonSerializable(typeof(DeletedJson))]
[JsonSerializable(typeof(VersionJson))]
[JsonSerializable(typeof(CheckJson))]
[JsonSerializable(typeof(SocketsJson))]
[JsonSerializable(typeof(ServerStatisticsJson))]
[JsonSerializable(typeof(ClientsJson))]
[JsonSerializable(typeof(AccessJson))]
[JsonSerializable(typeof(AccessChangedJson))]
[JsonSerializable(typeof(AccessCheckJson))]
[JsonSerializable(typeof(RemovedJson))]
[JsonSerializable(typeof(NtsJson))]
[JsonSerializable(typeof(CookieKeysJson))]
[JsonSerializable(typeof(RotatedJson))]
[JsonSerializable(typeof(NotesJson))]
[JsonSerializable(typeof(KeysCarriedJson))]
internal sealed partial class CtlJson : JsonSerializerContext;
