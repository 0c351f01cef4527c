//! Well-known models: the roots (and a few thick branches) that the synthetic families grow from.
//! Sizes and dates are close to the true ones; downloads, likes and children are invented, below the
//! models the report ranks. Rows whose figures the report states have `=` for all-time downloads and
//! take them from `famous`.

/// One line of [`TABLE`].
pub struct Root {
    pub id: &'static str,
    /// Architecture, the name of a family.
    pub family: &'static str,
    /// Parameters.
    pub params: u64,
    /// Day of birth, `YYYY-MM-DD`.
    pub day: &'static str,
    /// Thousands of all-time downloads; none if the report states them.
    pub all_time: Option<u64>,
    pub likes: i64,
    /// Weight as a base of each relation, in the order of `Relation::slot`; about thousands of children.
    pub appeal: [f64; 4],
    /// The model it was tuned from.
    pub base: Option<&'static str>,
}

/// Every well-known model, the most important first, bases before their children.
pub fn roots() -> impl Iterator<Item = Root> {
    TABLE.lines().filter(|line| !line.is_empty()).map(parsed)
}

fn parsed(line: &'static str) -> Root {
    let cells: Vec<&'static str> = line.split_whitespace().collect();
    let number = |at: usize| cells[at].replace('_', "").parse::<f64>();
    let figure = |at: usize| number(at).unwrap_or_default();
    Root {
        id: cells[0],
        family: cells[1],
        params: figure(2) as u64,
        day: cells[3],
        all_time: number(4).ok().map(|thousands| thousands as u64),
        likes: figure(5) as i64,
        appeal: [figure(6), figure(7), figure(8), figure(9)],
        base: cells.get(10).copied(),
    }
}

/// id, family, parameters, day of birth, thousands of all-time downloads, likes, and the weights as a base
/// of adapters, finetunes, quantized models and merges; last the base, if it has one itself.
const TABLE: &str = "
Qwen/Qwen3-VL-8B-Instruct                    qwen3_vl    8_767_123_696 2025-10-11      =   300  0 0 0 0
google-bert/bert-base-uncased                bert          110_106_428 2022-03-02      =  2437  1 11 0 0
sentence-transformers/all-MiniLM-L6-v2       bert-embedder  22_713_728 2022-03-02      =  3981  0.2 4 0.2 0
MIT/ast-finetuned-audioset-10-10-0.4593      audio-spectrogram-transformer 86_618_639 2022-11-14 = 318 0 1 0 0
meta-llama/Llama-3.1-8B-Instruct             llama       8_030_261_248 2024-07-18      =  4875  11 5 1.6 1.2 meta-llama/Llama-3.1-8B
Qwen/Qwen2.5-7B-Instruct                     qwen2       7_615_616_512 2024-09-16      =   842  9 5 1.4 1 Qwen/Qwen2.5-7B
1231czx/llama3_it_ultra_list_and_bold500     llama       7_504_924_672 2024-07-08      =     0  0 0 0 0
meta-llama/Llama-3.1-405B                    llama     405_853_388_800 2024-07-16      =   949  0.1 0.1 0.1 0
deepseek-ai/DeepSeek-R1                      deepseek_v3 684_531_386_000 2025-01-20    = 12783  0.6 0.6 0.5 0
deepseek-ai/DeepSeek-V3                      deepseek_v3 684_531_386_000 2024-12-25    =  3972  0.1 0.2 0.3 0
black-forest-labs/FLUX.1-dev                 flux                    0 2024-07-31  46_100 11620  0 1.2 0.9 0.1
stabilityai/stable-diffusion-xl-base-1.0     sdxl                    0 2023-07-25 128_400  6910  14 4 0.1 0.6
meta-llama/Llama-3.1-8B                      llama       8_030_261_248 2024-07-14  31_870  1790  3 3.6 0.5 0.6
Qwen/Qwen2.5-7B                              qwen2       7_615_616_512 2024-09-15  15_320   241  1.5 3.2 0.3 0.5
mistralai/Mistral-7B-v0.1                    mistral     7_241_732_096 2023-09-20  38_940  3920  8 3.5 0.4 1.1
HuggingFaceH4/zephyr-7b-beta                 mistral     7_241_732_096 2023-10-26  21_700  1760  1.4 0.8 0.3 0.4 mistralai/Mistral-7B-v0.1
openai/whisper-small                         whisper       241_734_912 2022-09-26  58_200   470  1 9 0.1 0
distilbert/distilbert-base-uncased           distilbert     66_955_010 2022-03-02 803_600   780  1 9 0.1 0
google/vit-base-patch16-224-in21k            vit            86_389_248 2022-03-02  96_300   360  0.3 6 0 0
stable-diffusion-v1-5/stable-diffusion-v1-5  sd-v1-5                 0 2024-08-30 101_200   890  6 2 0.1 0.1
Qwen/Qwen2.5-0.5B-Instruct                   qwen2         494_032_768 2024-09-16  92_500   410  3 18 0.9 0.1
openai-community/gpt2                        gpt2          124_439_808 2022-03-02 742_300  2950  1 5 0.2 0
google/gemma-2-2b-it                         gemma2      2_614_341_888 2024-07-16  24_800  1190  2 1.4 0.6 0.1
microsoft/Phi-3-mini-4k-instruct             phi3        3_821_079_552 2024-04-22  47_300  1280  3 0.7 0.4 0.1
TinyLlama/TinyLlama-1.1B-Chat-v1.0           llama       1_100_048_384 2023-12-30  42_800  1390  6 0.9 0.4 0.2
meta-llama/Llama-3.2-1B-Instruct             llama       1_235_814_400 2024-09-18  77_400  1090  3 2.6 0.8 0.1 meta-llama/Llama-3.2-1B
meta-llama/Llama-3.2-1B                      llama       1_235_814_400 2024-09-18  51_900  2040  1.6 1.7 0.4 0.1
meta-llama/Llama-3.2-3B-Instruct             llama       3_212_749_824 2024-09-18  54_600  1660  2.6 1.6 0.9 0.3 meta-llama/Llama-3.2-3B
meta-llama/Llama-3.2-3B                      llama       3_212_749_824 2024-09-18  14_300   640  1 1.1 0.4 0.1
meta-llama/Meta-Llama-3-8B-Instruct          llama       8_030_261_248 2024-04-17  39_500  4180  5 2.4 0.9 1.4 meta-llama/Meta-Llama-3-8B
meta-llama/Meta-Llama-3-8B                   llama       8_030_261_248 2024-04-17  32_700  6310  5 2.2 0.5 0.7
meta-llama/Llama-2-7b-hf                     llama       6_738_415_616 2023-07-13  61_400  2130  7 1.3 0.3 0.2
meta-llama/Llama-2-7b-chat-hf                llama       6_738_415_616 2023-07-13  57_800  4570  5 0.7 0.4 0.1
meta-llama/Llama-2-13b-chat-hf               llama      13_015_864_320 2023-07-13   9_700  1090  0.8 0.2 0.2 0.2
meta-llama/Llama-2-70b-chat-hf               llama      68_976_648_192 2023-07-14  12_900  2190  0.3 0.1 0.2 0.1
meta-llama/Llama-3.3-70B-Instruct            llama      70_553_706_496 2024-11-26  18_600  2540  0.4 0.4 0.4 0.4
meta-llama/Llama-3.1-70B-Instruct            llama      70_553_706_496 2024-07-16  22_400   860  0.3 0.3 0.3 0.3
meta-llama/Llama-3.1-405B-Instruct           llama     405_853_388_800 2024-07-16   4_870   590  0 0.1 0.1 0 meta-llama/Llama-3.1-405B
meta-llama/Llama-3.2-11B-Vision-Instruct     mllama     10_670_220_835 2024-09-18  14_700  1510  0.7 0.4 0.2 0
Qwen/Qwen2.5-0.5B                            qwen2         494_032_768 2024-09-15  29_600   330  2 2.5 0.4 0.1
Qwen/Qwen2.5-1.5B                            qwen2       1_543_714_304 2024-09-15  19_700   150  2 1.8 0.3 0.1
Qwen/Qwen2.5-1.5B-Instruct                   qwen2       1_543_714_304 2024-09-17  64_900   540  5 2.7 0.7 0.1 Qwen/Qwen2.5-1.5B
Qwen/Qwen2.5-3B-Instruct                     qwen2       3_085_938_688 2024-09-17  28_400   310  1.3 1.5 0.5 0.1
Qwen/Qwen2.5-14B-Instruct                    qwen2      14_770_033_664 2024-09-16  15_100   270  0.8 0.9 0.5 0.9
Qwen/Qwen2.5-32B-Instruct                    qwen2      32_763_876_352 2024-09-17  11_300   290  0.4 0.5 0.3 0.2
Qwen/Qwen2.5-72B-Instruct                    qwen2      72_706_203_648 2024-09-16   8_200   870  0.2 0.2 0.2 0.2
Qwen/Qwen2.5-Coder-7B-Instruct               qwen2       7_615_616_512 2024-09-17  11_800   540  0.8 0.6 0.4 0.2
Qwen/Qwen1.5-0.5B                            qwen2         463_987_712 2024-01-22   9_100   160  4 0.3 0.1 0.1
Qwen/Qwen3-0.6B                              qwen3         751_632_384 2025-04-27  58_700   690  1 2.4 0.8 0
Qwen/Qwen3-1.7B                              qwen3       2_031_739_904 2025-04-27  21_900   290  0.7 1.3 0.6 0
Qwen/Qwen3-4B                                qwen3       4_022_468_096 2025-04-27  19_300   410  0.9 1.4 0.7 0.1
Qwen/Qwen3-4B-Instruct-2507                  qwen3       4_022_468_096 2025-08-05  13_800   390  0.7 0.9 0.6 0.1
Qwen/Qwen3-8B                                qwen3       8_190_735_360 2025-04-27  21_500   670  1.3 1.2 0.7 0.1
Qwen/Qwen3-14B                               qwen3      14_768_307_200 2025-04-27   7_700   280  0.4 0.5 0.4 0.1
Qwen/Qwen3-32B                               qwen3      32_762_123_264 2025-04-27   8_900   540  0.3 0.3 0.3 0
Qwen/Qwen3-30B-A3B                           qwen3_moe  30_532_122_624 2025-04-27   6_400   780  0.2 0.3 0.4 0
Qwen/Qwen3-235B-A22B                         qwen3_moe 235_093_634_560 2025-04-27   3_200  1050  0 0.1 0.1 0
Qwen/Qwen3-Coder-480B-A35B-Instruct          qwen3_moe 480_154_875_392 2025-07-22   1_100  1170  0 0 0.1 0
Qwen/Qwen2.5-VL-3B-Instruct                  qwen2_5_vl  3_754_622_976 2025-01-26  39_800   510  0.9 0.9 0.2 0
Qwen/Qwen2.5-VL-7B-Instruct                  qwen2_5_vl  8_292_166_656 2025-01-26  35_900  1250  1.3 0.9 0.3 0
mistralai/Mistral-7B-Instruct-v0.1           mistral     7_241_732_096 2023-09-27  13_300  1780  2 0.7 0.4 0.4
mistralai/Mistral-7B-Instruct-v0.2           mistral     7_241_732_096 2023-12-11  44_600  2970  6 1.5 0.7 1.1
mistralai/Mistral-7B-v0.3                    mistral     7_248_023_552 2024-05-22   8_300   500  1.4 0.9 0.2 0.2
mistralai/Mistral-7B-Instruct-v0.3           mistral     7_248_023_552 2024-05-22  19_900  2130  2.4 1.1 0.5 0.3
mistralai/Mistral-Nemo-Instruct-2407         mistral    12_247_782_400 2024-07-17   6_900  1610  0.7 0.9 0.5 0.8
mistralai/Mistral-Small-24B-Instruct-2501    mistral    23_572_403_200 2025-01-28   9_400   940  0.3 0.4 0.4 0.5
mistralai/Mixtral-8x7B-Instruct-v0.1         mixtral    46_702_792_704 2023-12-10  21_300  4520  0.6 0.3 0.3 0.2
HuggingFaceH4/zephyr-7b-alpha                mistral     7_241_732_096 2023-10-09   2_800  1120  0.7 0.2 0.1 0.1 mistralai/Mistral-7B-v0.1
teknium/OpenHermes-2.5-Mistral-7B            mistral     7_241_732_096 2023-10-29   5_900   840  0.4 0.5 0.2 0.5 mistralai/Mistral-7B-v0.1
google/gemma-2b                              gemma       2_506_172_416 2024-02-08  13_700  1080  3 0.7 0.2 0.1
google/gemma-7b                              gemma       8_537_680_896 2024-02-08   7_600  3230  1.6 0.5 0.2 0.1
google/gemma-2-9b-it                         gemma2      9_241_705_984 2024-06-24  10_400   750  0.9 1 0.5 0.5
google/gemma-3-270m-it                       gemma3_text   268_098_176 2025-07-30   3_300   460  0.3 0.7 0.2 0
google/gemma-3-1b-it                         gemma3_text   999_885_952 2025-03-10  24_100   650  0.6 0.8 0.4 0
google/gemma-3-4b-it                         gemma3      4_300_079_472 2025-02-20  16_300   920  0.8 0.8 0.4 0
google/gemma-3-12b-it                        gemma3     12_187_325_040 2025-03-01   9_800   530  0.3 0.4 0.3 0.1
microsoft/phi-2                              phi         2_779_683_840 2023-12-13  23_800  3390  5 0.6 0.3 0.1
microsoft/phi-4                              phi3       14_659_507_200 2024-12-11   9_300  2170  0.3 0.4 0.3 0.1
openai/gpt-oss-20b                           gpt_oss    20_914_757_184 2025-08-04  17_800  3820  0.4 0.6 0.3 0
openai/gpt-oss-120b                          gpt_oss   116_829_156_672 2025-08-04   8_100  4030  0.1 0.1 0.1 0
deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B    qwen2       1_777_088_000 2025-01-20  14_600  1350  1.1 1.6 0.4 0.1
deepseek-ai/DeepSeek-R1-Distill-Qwen-7B      qwen2       7_615_616_512 2025-01-20   9_900   740  0.5 0.7 0.3 0.1
deepseek-ai/DeepSeek-R1-Distill-Llama-8B     llama       8_030_261_248 2025-01-20   9_500   810  0.8 0.9 0.4 0.3
deepseek-ai/DeepSeek-V3-0324                 deepseek_v3 684_531_386_000 2025-03-24 3_900  3050  0 0.1 0.1 0
deepseek-ai/DeepSeek-R1-0528                 deepseek_v3 684_531_386_000 2025-05-28 3_400  2370  0 0.1 0.1 0
HuggingFaceTB/SmolLM2-135M                   llama         134_515_008 2024-10-31  13_100   130  0.4 1.3 0.2 0
HuggingFaceTB/SmolLM2-135M-Instruct          llama         134_515_008 2024-10-31  10_800   260  0.3 1 0.2 0 HuggingFaceTB/SmolLM2-135M
HuggingFaceTB/SmolLM2-360M-Instruct          llama         361_821_120 2024-10-31   7_200   150  0.2 0.8 0.1 0
HuggingFaceTB/SmolLM2-1.7B-Instruct          llama       1_711_376_384 2024-10-31   4_700   650  0.2 0.5 0.1 0.1
EleutherAI/pythia-70m                        gpt_neox       70_426_624 2023-02-13  11_900    60  0.2 0.6 0.1 0
EleutherAI/pythia-1.4b                       gpt_neox    1_414_647_808 2023-02-09   3_600    30  0.2 0.5 0.1 0
openai-community/gpt2-medium                 gpt2          354_823_168 2022-03-02  31_400   170  0.2 0.7 0 0
openai-community/gpt2-large                  gpt2          774_030_080 2022-03-02  22_700   310  0.1 0.3 0 0
distilbert/distilgpt2                        gpt2           81_912_576 2022-03-02  61_700   520  0.4 1.6 0 0
FacebookAI/roberta-base                      roberta       124_647_170 2022-03-02 521_300   530  0.9 4.6 0 0
FacebookAI/roberta-large                     roberta       355_361_794 2022-03-02 389_200   250  0.4 1.2 0 0
FacebookAI/xlm-roberta-base                  xlm-roberta   278_045_186 2022-03-02 704_800   740  0.5 4.3 0 0
FacebookAI/xlm-roberta-large                 xlm-roberta   559_890_432 2022-03-02 217_900   460  0.3 1.1 0 0
google-bert/bert-base-cased                  bert          108_311_810 2022-03-02 321_700   330  0.4 4.2 0 0
google-bert/bert-base-multilingual-cased     bert          178_566_653 2022-03-02 218_600   540  0.3 2.6 0 0
google-bert/bert-large-uncased               bert          335_143_938 2022-03-02  74_900   130  0.2 0.8 0 0
microsoft/deberta-v3-base                    deberta-v2    184_423_682 2022-03-02  98_300   350  0.5 1.6 0 0
distilbert/distilbert-base-uncased-finetuned-sst-2-english distilbert 66_955_010 2022-03-02 418_500 790 0.1 0.8 0 0 distilbert/distilbert-base-uncased
sentence-transformers/all-mpnet-base-v2      bert-embedder 109_486_464 2022-03-02 913_200  1150  0 1.3 0.1 0
BAAI/bge-m3                                  bert-embedder 567_754_752 2024-01-27  88_700  2480  0 1 0.1 0
google/electra-small-discriminator           electra        13_549_314 2022-03-02  29_600    40  0 0.4 0 0
google-t5/t5-small                           t5             60_506_624 2022-03-02 212_700   490  0.6 3.1 0 0
google-t5/t5-base                            t5            222_903_552 2022-03-02 176_400   720  0.4 1.2 0 0
google/flan-t5-base                          t5            247_577_856 2022-10-21  68_900   940  1.4 1.7 0.1 0
google/flan-t5-large                         t5            783_150_080 2022-10-21  32_100   800  0.8 0.6 0.1 0
facebook/bart-large-cnn                      bart          406_290_432 2022-03-02 187_300  1440  0.2 0.9 0 0
facebook/bart-base                           bart          139_420_416 2022-03-02  57_300   190  0.1 0.7 0 0
Helsinki-NLP/opus-mt-en-fr                   marian         74_410_496 2022-03-02  29_800    50  0 0.6 0 0
openai/whisper-tiny                          whisper        37_760_640 2022-09-26  39_700   350  0.3 2.9 0.1 0
openai/whisper-base                          whisper        72_593_920 2022-09-26  44_300   230  0.2 1.3 0.1 0
openai/whisper-medium                        whisper       763_857_920 2022-09-26  26_500   260  0.8 3 0.1 0
openai/whisper-large-v3                      whisper     1_543_490_560 2023-11-07 117_800  4890  1.4 0.9 0.3 0
facebook/wav2vec2-base                       wav2vec2       94_396_320 2022-03-02  41_200   110  0 1.9 0 0
facebook/wav2vec2-xls-r-300m                 wav2vec2      315_479_424 2022-03-02  23_900   100  0.1 2.3 0 0
facebook/wav2vec2-large-xlsr-53              wav2vec2      315_439_776 2022-03-02  33_600   140  0 1.3 0 0
microsoft/speecht5_tts                       vits          144_433_376 2023-02-02   9_700   810  0.1 0.9 0 0
facebook/mms-tts-eng                         vits           36_330_656 2023-08-24   3_100   180  0 0.2 0 0
google/vit-base-patch16-224                  vit            86_567_656 2022-03-02 118_400   890  0.2 1.7 0 0
microsoft/swin-tiny-patch4-window7-224       swin           28_288_354 2022-03-02  21_700    50  0 1.3 0 0
facebook/detr-resnet-50                      detr           41_631_008 2022-03-02  24_900   900  0 0.6 0 0
nvidia/segformer-b0-finetuned-ade-512-512    segformer       3_752_694 2022-03-02  16_300   160  0 0.5 0 0
openai/clip-vit-base-patch32                 clip          151_277_313 2022-03-02 389_600   750  0 0.4 0 0
openai/clip-vit-large-patch14                clip          427_616_513 2022-03-02 611_700  1860  0 0.2 0 0
timm/resnet50.a1_in1k                        timm           25_557_032 2023-04-05 201_500    40  0 0.2 0 0
runwayml/stable-diffusion-inpainting         sd-v1-5                 0 2022-10-17   9_700  1790  0.6 0.3 0 0
CompVis/stable-diffusion-v1-4                sd-v1-5                 0 2022-08-20  48_900  6880  3 1 0 0
stabilityai/stable-diffusion-2-1             sd-v1-5                 0 2022-12-06  39_100  4020  1.2 0.5 0 0
stabilityai/sdxl-turbo                       sdxl                    0 2023-11-27  21_300  2480  0.4 0.2 0.1 0.1
black-forest-labs/FLUX.1-schnell             flux                    0 2024-07-31  19_700  4330  1.1 0.4 0.4 0.1
black-forest-labs/FLUX.1-Kontext-dev         flux                    0 2025-06-26   4_100  2410  1.5 0.2 0.2 0
Wan-AI/Wan2.1-T2V-14B                        wan                     0 2025-02-25   1_900  1370  1.9 0.2 0.2 0.1
lerobot/smolvla_base                         lerobot                 0 2025-06-03     310   270  0 2.3 0 0
gpt2                                         gpt2          124_439_808 2022-03-02   1_230    31  0 0 0 0
distilgpt2                                   gpt2           81_912_576 2022-03-02     417    12  0 0 0 0
bert-base-german-cased                       bert          109_081_602 2022-03-02   2_910    62  0 0.1 0 0
bert-base-chinese                            bert          102_267_648 2022-03-02   4_470    98  0 0.2 0 0
xlnet-base-cased                             bert          116_718_336 2022-03-02   1_790    70  0 0.1 0 0
t5-small                                     t5             60_506_624 2022-03-02     890    21  0 0.1 0 0
t5-3b                                        t5          2_851_598_336 2022-03-02     720    37  0 0 0 0
camembert-base                               roberta       110_653_440 2022-03-02   3_350    74  0 0.1 0 0
roberta-large-mnli                           roberta       356_412_419 2022-03-02   1_540    80  0 0 0 0
";
