"""What each client is asked to do with our exports: programs for its own environment.

Each gets the folder of exports as its argument and prints one JSON object. None imports anything
of ours, and nothing of ours imports any of these tools.
"""

BEGIN = """
import json, os, sys
from collections import Counter
from pathlib import Path
root = Path(sys.argv[1])
def tell(**said): print(json.dumps(said))
"""

EVALUATE = """
import contextlib, io
truth = json.loads((root / 'coco/annotations/instances_train.json').read_text())
found = [{k: a[k] for k in ('image_id', 'category_id', 'bbox', 'segmentation')} | {'score': 1.0}
         for a in truth['annotations']]
with contextlib.redirect_stdout(io.StringIO()):
    file = str(root / 'coco/annotations/instances_train.json')
    gt = COCO(file); dt = gt.loadRes(found); ap = {}
    for kind in ('bbox', 'segm'):
        e = Eval(gt, dt, kind); e.evaluate(); e.accumulate(); e.summarize()
        ap[kind] = round(float(e.stats[0]), 6)
"""

PYCOCOTOOLS = (
    """
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval as Eval
"""
    + EVALUATE
    + """
area = sum(int(gt.annToMask(a).sum()) == a['area'] for a in truth['annotations'])
tell(images=len(gt.imgs), objects=len(gt.anns), ap=ap, mask_areas_equal=area)
"""
)

FASTER = (
    """
from faster_coco_eval import COCO, COCOeval_faster as Eval
"""
    + EVALUATE
    + """
tell(images=len(gt.imgs), objects=len(gt.anns), ap=ap)
"""
)

HOTCOCO = (
    """
from hotcoco import COCO, COCOeval as Eval
"""
    + EVALUATE
    + """
tell(images=len(gt.get_img_ids()), objects=len(gt.get_ann_ids()), ap=ap)
"""
)

SUPERVISION = """
import supervision as sv
D = sv.DetectionDataset
said = {}
def add(name, d):
    said[name] = {'images': len(d), 'objects': sum(len(x) for x in d.annotations.values())}
add('coco', D.from_coco(str(root/'coco/images/train'),
    str(root/'coco/annotations/instances_train.json'), force_masks=True))
for name in ('yolo', 'yolo_seg', 'yolo_obb'):
    more = {'is_obb': True} if name == 'yolo_obb' else {}
    more |= {'force_masks': True} if name == 'yolo_seg' else {}
    add(name, D.from_yolo(str(root/name/'images/train'), str(root/name/'labels/train'),
        str(root/name/'data.yaml'), **more))
add('voc', D.from_pascal_voc(str(root/'voc/JPEGImages'), str(root/'voc/Annotations')))
tell(**said)
"""

ULTRALYTICS = """
os.environ['YOLO_OFFLINE'] = 'True'
os.chdir('/')
import contextlib, io
with contextlib.redirect_stdout(sys.stderr):
    from ultralytics.data.utils import check_det_dataset
    from ultralytics.data.dataset import YOLODataset
    said = {}
    for name, task in (('yolo', 'detect'), ('yolo_seg', 'segment'), ('yolo_obb', 'obb')):
        data = check_det_dataset(str(root / name / 'data.yaml'))
        d = YOLODataset(img_path=data['train'], data=data, task=task, augment=False, imgsz=320)
        said[name] = {'images': len(d.labels), 'objects': sum(len(x['cls']) for x in d.labels)}
tell(**said)
"""

DATUMARO = """
import contextlib
with contextlib.redirect_stdout(sys.stderr):
    import datumaro as dm
    said = {}
    for name, form in (('coco', 'coco'), ('kitti', 'kitti_detection'), ('voc', 'voc_detection'),
                       ('yolo', 'yolo'), ('dota', 'dota'), ('mot', 'mot_seq')):
        try:
            where = root / name
            if name == 'mot': where = sorted((where / 'train').iterdir())[0]
            d = dm.Dataset.import_from(str(where), form)
            boxes, names = 0, Counter()
            for item in d:
                kinds = ('bbox', 'rotated_bbox', 'polygon')
                kept = [a for a in item.annotations if a.type.name in kinds]
                boxes += len(kept)
                cats = d.categories()[dm.AnnotationType.label]
                names.update(cats[a.label].name for a in kept)
            said[name] = {'images': len(d), 'objects': boxes, 'classes': dict(names)}
        except Exception as e:
            said[name] = {'error': f'{type(e).__name__}: {e}'[:200]}
tell(**said)
"""

WEBDATASET = """
import webdataset as wds
files = sorted(str(p) for p in (root / 'webdataset').rglob('*.tar'))
images = objects = 0
for sample in wds.WebDataset(files, shardshuffle=False).decode('rgb8'):
    images += any(k in sample for k in ('jpg', 'png'))
    objects += len(sample['json']['annotations'])
tell(images=images, objects=objects)
"""

DATASETS = """
os.environ['HF_HUB_OFFLINE'] = '1'
import datasets, tempfile
datasets.disable_progress_bars()
said = {}
with tempfile.TemporaryDirectory() as cache:
    d = datasets.load_dataset(str(root / 'parquet'), cache_dir=cache)['train']
    said['parquet'] = {'images': len(d), 'objects': sum(len(o['id']) for o in d['objects']),
        'decoded': sum(r['image'].size == (r['width'], r['height']) for r in d),
        'classes': len(d.features['objects']['category'].feature.names)}
    files = sorted(str(p) for p in (root / 'webdataset').rglob('*.tar'))
    w = datasets.load_dataset('webdataset', data_files={'train': files}, split='train',
                              cache_dir=cache)
    objects = sum(len(j['annotations']) for j in w['json'])
    said['webdataset'] = {'images': len(w), 'objects': objects}
tell(**said)
"""

MLCROISSANT = """
import contextlib, logging
logging.disable(logging.WARNING)
import mlcroissant as mlc
d = mlc.Dataset(str(root / 'native/croissant.json'))
issues = d.metadata.ctx.issues
sets = {}
for s in d.metadata.record_sets:
    sets[s.uuid or s.name] = sum(1 for _ in d.records(s.uuid or s.name))
tell(errors=len(issues.errors), warnings=len(issues.warnings), records=sets)
"""

CALLS: dict[str, tuple[str, str, str]] = {
    "pycocotools": ("coco", "pycocotools", PYCOCOTOOLS),
    "faster-coco-eval": ("coco", "faster-coco-eval", FASTER),
    "hotcoco": ("coco", "hotcoco", HOTCOCO),
    "supervision": ("supervision", "supervision", SUPERVISION),
    "ultralytics": ("ultralytics", "ultralytics", ULTRALYTICS),
    "datumaro": ("datumaro", "datumaro", DATUMARO),
    "webdataset": ("webdataset", "webdataset", WEBDATASET),
    "datasets": ("datasets", "datasets", DATASETS),
    "mlcroissant": ("mlcroissant", "mlcroissant", MLCROISSANT),
}
"""Client -> (its environment, its distribution, what it does)."""
